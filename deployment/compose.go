package deployment

import (
	"bytes"
	"fmt"
	"net/netip"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/seed-ab8b6914/spof/proxy/engine/configtext"
	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/topology/plainfile"
)

// composeFile reads a compose file. compose-go of the compose project gives no positions, and topology/yamlfile refuses anchors, which
// compose files use; so this walks the YAML itself, and takes the keys that say where a file is, what a node is called and how it stops.
type composeFile struct {
	path     string
	name     string
	subnets  map[string]netip.Prefix // by network
	configs  map[string]string       // files of configs and secrets
	services []composeService
}

// Service is what a compose file says about the life of a service.
type Service struct {
	Image   string
	Depends []string
	Health  configtext.Setting[string]        // the command of its healthcheck; the word is test
	Grace   configtext.Setting[time.Duration] // between SIGTERM and SIGKILL; 10 s
	Build   string                            // text of its Dockerfile; empty: none is here
}

// composeGrace is how long compose waits after SIGTERM by default (Compose specification, stop_grace_period).
const composeGrace = 10 * time.Second

// life reads how a service lives.
func (c *composeFile) life(s *yaml.Node) Service {
	out := Service{Image: text(get(s, "image")), Grace: configtext.Setting[time.Duration]{Value: composeGrace}}
	for _, p := range pairs(get(s, "depends_on")) {
		out.Depends = append(out.Depends, p.name)
	}
	for _, item := range items(get(s, "depends_on")) {
		out.Depends = append(out.Depends, text(item))
	}
	if test := get(get(s, "healthcheck"), "test"); test != nil {
		words := []string{text(test)}
		for _, w := range items(test) {
			words = append(words, text(w))
		}
		out.Health = configtext.Setting[string]{Value: strings.TrimSpace(strings.Join(words, " ")), At: c.at(test)}
	}
	if g := get(s, "stop_grace_period"); g != nil {
		if d, err := time.ParseDuration(text(g)); err == nil {
			out.Grace = configtext.Setting[time.Duration]{Value: d, At: c.at(g)}
		}
	}
	return out
}

// composeService is a service of a compose file.
type composeService struct {
	Service
	node    Node
	mounts  []composeMount
	context string // directory of its Dockerfile
}

// composeMount is a file or directory of the host in a container.
type composeMount struct {
	host, path string
	at         configtext.Pos
	maybe      bool // it may be missing: a Dockerfile makes it
}

// readCompose reads a compose file.
func readCompose(file string, data []byte) (c composeFile, err error) {
	c = composeFile{path: file, subnets: map[string]netip.Prefix{}, configs: map[string]string{}}
	defer func() {
		if p := recover(); p != nil { // the YAML library panics on some input
			err = reason.Errorf("compose-file", "%s: YAML syntax: %v", file, p)
		}
	}()
	var doc yaml.Node
	if err := yaml.Unmarshal(data, &doc); err != nil {
		return c, reason.Errorf("compose-file", "%s: YAML syntax: %s", placed(file, err), strings.ReplaceAll(strings.TrimPrefix(err.Error(), "yaml: "), "\n", " "))
	}
	if len(doc.Content) == 0 {
		return c, reason.Errorf("compose-file", "%s:1:1: the file is empty", file)
	}
	root := doc.Content[0]
	c.name = text(get(root, "name"))
	for _, n := range pairs(get(root, "networks")) {
		for _, config := range items(get(get(n.value, "ipam"), "config")) {
			if p, err := netip.ParsePrefix(text(get(config, "subnet"))); err == nil && !c.subnets[n.name].IsValid() {
				c.subnets[n.name] = p
			}
		}
	}
	for _, section := range []string{"configs", "secrets"} {
		for _, n := range pairs(get(root, section)) {
			c.configs[n.name] = text(get(n.value, "file"))
		}
	}
	for _, s := range pairs(get(root, "services")) {
		c.services = append(c.services, c.service(s))
	}
	return c, nil
}

var lineOf = regexp.MustCompile(`line (\d+)`)

// placed is the place of an error of the YAML library, which has the line in its words.
func placed(file string, err error) string {
	if m := lineOf.FindStringSubmatch(err.Error()); m != nil {
		return file + ":" + m[1] + ":1"
	}
	return file + ":1:1"
}

// pair is an entry of a mapping.
type pair struct {
	name       string
	key, value *yaml.Node
}

// target follows an alias.
func target(n *yaml.Node) *yaml.Node {
	for depth := 0; n != nil && n.Kind == yaml.AliasNode && depth < 8; depth++ {
		n = n.Alias
	}
	return n
}

// pairs gives the entries of a mapping. Merge keys come last, so that own keys win.
func pairs(n *yaml.Node) []pair { return pairsTo(n, 8) }

func pairsTo(n *yaml.Node, depth int) (all []pair) {
	if n = target(n); n == nil || n.Kind != yaml.MappingNode || depth == 0 {
		return nil
	}
	var merged []pair
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Tag == "!!merge" {
			merged = append(merged, pairsTo(n.Content[i+1], depth-1)...)
			continue
		}
		all = append(all, pair{n.Content[i].Value, n.Content[i], target(n.Content[i+1])})
	}
	return append(all, merged...)
}

func get(n *yaml.Node, key string) *yaml.Node {
	for _, p := range pairs(n) {
		if p.name == key {
			return p.value
		}
	}
	return nil
}

func items(n *yaml.Node) []*yaml.Node {
	if n = target(n); n == nil || n.Kind != yaml.SequenceNode {
		return nil
	}
	return n.Content
}

// variable is ${NAME}, ${NAME:-default} or ${NAME-default}.
var variable = regexp.MustCompile(`\$\{\w+(:?-([^}]*))?\}`)

// text gives a scalar, with the defaults of its variables.
func text(n *yaml.Node) string {
	if n = target(n); n == nil || n.Kind != yaml.ScalarNode {
		return ""
	}
	return variable.ReplaceAllString(n.Value, "$2")
}

func (c *composeFile) at(n *yaml.Node) configtext.Pos {
	return configtext.Pos{File: c.path, Line: n.Line, Col: n.Column}
}

// service reads a service.
func (c *composeFile) service(s pair) composeService {
	n := Node{Name: nameOf(s.name), Service: s.name, From: Source{At: c.at(s.key), Why: "service"}}
	for _, name := range []string{s.name, text(get(s.value, "container_name")), text(get(s.value, "hostname"))} {
		n.call(name)
	}
	for _, net := range pairs(get(s.value, "networks")) {
		n.Interfaces = append(n.Interfaces, c.interfaceOf(net, len(n.Interfaces), &n)...)
	}
	out := composeService{node: n, Service: c.life(s.value)}
	for _, v := range items(get(s.value, "volumes")) {
		out.mounts = append(out.mounts, c.volume(v)...)
	}
	for _, section := range []string{"configs", "secrets"} {
		for _, v := range items(get(s.value, section)) {
			out.mounts = append(out.mounts, c.config(v, section)...)
		}
	}
	if b := get(s.value, "build"); b != nil {
		out.context = c.near(text(b) + text(get(b, "context")))
		if data, err := plainfile.Read(filepath.Join(out.context, "Dockerfile"), maxDockerfile); err == nil {
			out.Build = string(data)
		}
	}
	return out
}

// interfaceOf gives the interface of a service in a network, with its address there; also what others call it.
func (c *composeFile) interfaceOf(net pair, i int, n *Node) []Interface {
	for _, alias := range items(get(net.value, "aliases")) {
		n.call(text(alias))
	}
	at := get(net.value, "ipv4_address")
	addr, err := netip.ParseAddr(text(at))
	if err != nil {
		return nil
	}
	bits := addr.BitLen()
	if subnet := c.subnets[net.name]; subnet.Contains(addr) {
		bits = subnet.Bits()
	}
	return []Interface{{fmt.Sprintf("eth%d", i), netip.PrefixFrom(addr, bits), Source{At: c.at(at), Why: "network " + net.name}}}
}

// near gives the path of a file that the compose file names.
func (c *composeFile) near(file string) string {
	if file == "" || filepath.IsAbs(file) || strings.HasPrefix(file, "~") {
		return file
	}
	return filepath.Join(filepath.Dir(c.path), file)
}

// volume reads a bind mount: HOST:PATH[:MODE], or a mapping. A named volume has no file.
func (c *composeFile) volume(v *yaml.Node) []composeMount {
	host, at := text(get(v, "source")), text(get(v, "target"))
	if short := text(v); short != "" {
		parts := strings.Split(short, ":")
		if len(parts) < 2 {
			return nil
		}
		host, at = parts[0], parts[1]
	}
	if !strings.HasPrefix(host, ".") && !strings.HasPrefix(host, "/") || !path.IsAbs(at) {
		return nil
	}
	return []composeMount{{host: c.near(host), path: path.Clean(at), at: c.at(target(v))}}
}

// config reads the use of a config or a secret.
func (c *composeFile) config(v *yaml.Node, section string) []composeMount {
	name, at := text(v)+text(get(v, "source")), text(get(v, "target"))
	file := c.configs[name]
	if file == "" {
		return nil
	}
	if at == "" {
		at = map[string]string{"configs": "/", "secrets": "/run/secrets/"}[section] + name
	}
	return []composeMount{{host: c.near(file), path: path.Clean(at), at: c.at(target(v))}}
}

var (
	notName = regexp.MustCompile(`[^a-z0-9]+`)
	begins  = regexp.MustCompile(`^[a-z]`)
)

// nameOf makes a name of a node from a word of a file: a-z, 0-9 and -, at most 31 long.
func nameOf(word string) string {
	name := strings.Trim(notName.ReplaceAllString(strings.ToLower(word), "-"), "-")
	if !begins.MatchString(name) {
		name = "n" + name
	}
	return strings.Trim(name[:min(len(name), 31)], "-")
}

// call adds a name by which files mean the node.
func (n *Node) call(name string) {
	if name != "" && !n.Is(name) {
		n.Names = append(n.Names, name)
	}
}

// copies is COPY or ADD of one file or directory in a Dockerfile.
var copies = regexp.MustCompile(`(?m)^(?:COPY|ADD)[ \t]+(?:--\S+[ \t]+)*(\S+)[ \t]+(\S+)[ \t]*$`)

// copied are the files that the Dockerfile of a service puts into its image.
func (c *composeFile) copied(s composeService) (all []composeMount) {
	file, data := filepath.Join(s.context, "Dockerfile"), []byte(s.Build)
	for _, m := range copies.FindAllSubmatchIndex(data, -1) {
		from, to := string(data[m[2]:m[3]]), string(data[m[4]:m[5]])
		if !path.IsAbs(to) || strings.Contains(from, "://") {
			continue
		}
		if strings.HasSuffix(to, "/") {
			to += path.Base(from)
		}
		at := configtext.Pos{File: file, Line: 1 + bytes.Count(data[:m[0]], []byte{'\n'}), Col: 1, Offset: m[0]}
		all = append(all, composeMount{host: filepath.Join(s.context, from), path: path.Clean(to), at: at, maybe: true})
	}
	return all
}

// maxDockerfile bounds a Dockerfile, in bytes.
const maxDockerfile = 1 << 20
