package deployment

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/seed-ab8b6914/spof/proxy/engine/configtext"
	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/topology/plainfile"
)

// Limits of a search.
const (
	maxFiles = 2000
	maxDepth = 8
	maxBytes = 16 << 20 // of a file
	maxTotal = 64 << 20
)

// The kinds of files, by their content.
const (
	HAProxy    = "haproxy"
	Nginx      = "nginx"
	Keepalived = "keepalived"
	Squid      = "squid"
	kindPAC    = "pac"
	kindSysctl = "sysctl"
	kindYAML   = "compose"
	kindOwn    = "deployment"
	kindOther  = ""
)

// engines are the kinds that run on a node.
var engines = []string{HAProxy, Nginx, Keepalived, Squid}

// signs are patterns of lines that tell the kind of a file. The kind with most lines is taken.
var signs = map[string]*regexp.Regexp{
	HAProxy:    regexp.MustCompile(`(?m)^(defaults|(frontend|backend|listen)[ \t]+\S+)([ \t].*)?\r?$`),
	Keepalived: regexp.MustCompile(`(?m)^[ \t]*(vrrp_instance|vrrp_script|vrrp_sync_group|vrrp_track_process|virtual_ipaddress|global_defs)\b`),
	Squid:      regexp.MustCompile(`(?m)^(http_port|https_port|http_access|cache_peer|cache_dir|cache_mem|refresh_pattern|auth_param|visible_hostname)[ \t]`),
	Nginx:      regexp.MustCompile(`(?m)^[ \t]*((events|http|stream|server)[ \t]*\{|(worker_processes|proxy_pass|listen)[ \t][^\n]*;)`),
	kindPAC:    regexp.MustCompile(`(?m)\bfunction[ \t]+FindProxyForURL(Ex)?\b`),
	kindSysctl: regexp.MustCompile(`(?m)^[ \t]*(net|vm|kernel|fs)(\.[\w-]+)+[ \t]*=`),
	kindYAML:   regexp.MustCompile(`(?m)^services[ \t]*:`),
	kindOwn:    regexp.MustCompile(`(?m)^deployment[ \t]*:`),
}

// kindOf tells what a file is. YAML is taken by the end of its name, since every language may hold such a line.
func kindOf(path string, data []byte) string {
	yaml := slices.Contains([]string{".yml", ".yaml"}, filepath.Ext(path))
	best, most := kindOther, 0
	for _, kind := range append([]string{kindPAC, kindSysctl, kindYAML, kindOwn}, engines...) {
		if yaml != (kind == kindYAML || kind == kindOwn) {
			continue
		}
		if n := len(signs[kind].FindAllIndex(data, 20)); n > most {
			best, most = kind, n
		}
	}
	return best
}

// file is a file that was found.
type file struct {
	configtext.File
	kind string
}

// collector gathers files, in the order of their names, each once.
type collector struct {
	files    []file
	seen     map[string]bool
	explicit []string // paths that the user names
	total    int
}

// collect reads the files below paths. It follows no link to a directory, and leaves hidden directories out.
func collect(paths []string) (collector, error) {
	c := collector{seen: map[string]bool{}}
	var errs []error
	for _, path := range paths {
		path = filepath.Clean(path)
		c.explicit = append(c.explicit, path)
		info, err := os.Stat(path)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			errs = append(errs, reason.Errorf("unknown-file", "%s: no such file or directory", path))
		case err != nil:
			errs = append(errs, err)
		case info.IsDir():
			errs = append(errs, c.directory(path))
		default:
			errs = append(errs, c.add(path))
		}
	}
	return c, errors.Join(errs...)
}

func (c *collector) directory(root string) error {
	return filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case e.IsDir() && path != root && (strings.HasPrefix(e.Name(), ".") || e.Name() == "node_modules" || depth(root, path) > maxDepth):
			return fs.SkipDir
		case e.IsDir(), strings.HasPrefix(e.Name(), "."), printable(path) != path:
			return nil
		}
		if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() || info.Size() > maxBytes {
			return nil //nolint:nilerr // a dangling link or a device is no configuration
		}
		return c.add(path)
	})
}

func depth(root, path string) int {
	return strings.Count(filepath.ToSlash(strings.TrimPrefix(path, root)), "/")
}

func (c *collector) add(path string) error {
	path = filepath.Clean(path)
	if c.seen[path] {
		return nil
	}
	c.seen[path] = true
	data, err := plainfile.Read(path, maxBytes)
	if err != nil {
		return reason.Errorf("unreadable-file", "%s: %w", path, err)
	}
	if c.total += len(data); len(c.files) == maxFiles || c.total > maxTotal {
		return reason.Errorf("too-many-files", "%s: more than %d files or %d MB; name the directory of the configuration, or its files", path, maxFiles, maxTotal>>20)
	}
	c.files = append(c.files, file{configtext.File{Path: path, Data: data}, kindOf(path, data)})
	return nil
}

// IsConfiguration tells whether a path is a file that Find or Read takes, or a directory with one.
func IsConfiguration(path string) bool {
	c, err := collect([]string{path})
	return err == nil && slices.ContainsFunc(c.files, func(f file) bool { return f.kind != kindOther && f.kind != kindSysctl })
}
