package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"

	"github.com/seed-ab8b6914/spof/planner"
	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/reliability/component"
	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/scenarios"
	"github.com/seed-ab8b6914/spof/scenarios/scenariotest"
	"github.com/seed-ab8b6914/spof/topology"
)

// compile gives a schema as spof schema prints it.
func compile(kind string) (*jsonschema.Schema, error) {
	out, errs, _ := said("schema", kind)
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(out))
	if err != nil {
		return nil, fmt.Errorf("%w: %s", err, errs)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	c.DefaultDraft(jsonschema.Draft4) // so that $schema has to say 2020-12
	if err := c.AddResource(kind, doc); err != nil {
		return nil, err
	}
	return c.Compile(kind)
}

var compiledOnce = map[string]func() (*jsonschema.Schema, error){
	"topology":   sync.OnceValues(func() (*jsonschema.Schema, error) { return compile("topology") }),
	"scenario":   sync.OnceValues(func() (*jsonschema.Schema, error) { return compile("scenario") }),
	"report":     sync.OnceValues(func() (*jsonschema.Schema, error) { return compile("report") }),
	"plan":       sync.OnceValues(func() (*jsonschema.Schema, error) { return compile("plan") }),
	"answer":     sync.OnceValues(func() (*jsonschema.Schema, error) { return compile("answer") }),
	"capacity":   sync.OnceValues(func() (*jsonschema.Schema, error) { return compile("capacity") }),
	"tree":       sync.OnceValues(func() (*jsonschema.Schema, error) { return compile("tree") }),
	"components": sync.OnceValues(func() (*jsonschema.Schema, error) { return compile("components") }),
}

func compiled(kind string) *jsonschema.Schema {
	GinkgoHelper()
	s, err := compiledOnce[kind]()
	Expect(err).NotTo(HaveOccurred())
	Expect(s.DraftVersion).To(Equal(2020))
	return s
}

// conforms checks a JSON file by a schema.
func conforms(kind string, data []byte) error {
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		return err
	}
	s, err := compiledOnce[kind]()
	if err != nil {
		return err
	}
	return s.Validate(doc)
}

// instance reads a YAML file as an editor does.
func instance(text []byte) any {
	GinkgoHelper()
	var v any
	Expect(yaml.Unmarshal(text, &v)).To(Succeed())
	data, err := json.Marshal(v)
	Expect(err).NotTo(HaveOccurred())
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	Expect(err).NotTo(HaveOccurred())
	return doc
}

// kindOf tells a whole design or scenario from other files.
func kindOf(text string) string {
	switch begin := regexp.MustCompile(`(?m)^(topology|scenario):`).FindStringSubmatch(text); {
	case begin == nil:
		return ""
	default:
		return begin[1]
	}
}

// accepts reports whether spof reads a file.
func accepts(kind, name string, text []byte) error {
	if kind == "topology" {
		_, err := topology.Read(name, text)
		return err
	}
	_, err := scenarios.Read(name, text, analyze.Expectable())
	return err
}

// examples are all designs and scenarios in the files of the project, by name: bundled ones, those of the pages, and those of tests.
func examples() map[string]string {
	GinkgoHelper()
	all := map[string]string{}
	for name, text := range pages() {
		for _, block := range regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllStringSubmatch(text, -1) {
			all[name+": "+block[1][:20]] = block[1]
		}
	}
	Expect(filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		switch text, err := os.ReadFile(path); {
		case err != nil:
			return err
		case filepath.Ext(path) == ".yaml":
			all[path] = string(text)
		case filepath.Ext(path) == ".txtar":
			for _, file := range regexp.MustCompile(`(?ms)^-- (\S+\.yaml) --\n(.*?)(?:\z|^-- )`).FindAllStringSubmatch(string(text), -1) {
				all[path+": "+file[1]] = file[2]
			}
		}
		return nil
	})).To(Succeed())
	return all
}

var _ = Describe("spof schema", func() {
	It("accepts every design and scenario of the project that spof reads", func() {
		schemas := map[string]*jsonschema.Schema{"topology": compiled("topology"), "scenario": compiled("scenario")}
		read := map[string]int{}
		for name, text := range examples() {
			kind := kindOf(text)
			if kind == "" || accepts(kind, name, []byte(text)) != nil {
				continue
			}
			Expect(schemas[kind].Validate(instance([]byte(text)))).To(Succeed(), name)
			read[kind]++
		}
		Expect(read["topology"]).To(BeNumerically(">", len(topology.Designs())))
		Expect(read["scenario"]).To(BeNumerically(">", len(scenarios.Library())))
	})

	DescribeTable("refuses the shapes that spof refuses", func(kind, old, new, code string) {
		design, err := topology.Source("active-active")
		Expect(err).NotTo(HaveOccurred())
		good := map[string]string{"topology": string(design), "scenario": scenariotest.Trip}
		refusedByBoth(kind, good[kind], old, new, code)
	},
		Entry("an unknown key", "topology", "topology:", "tpology:", "unknown-key"),
		Entry("an unknown key of a service", "topology", "engine: squid", "engin: squid", "unknown-key"),
		Entry("an unknown engine", "topology", "engine: squid", "engine: squidd", "unknown-value"),
		Entry("a number without its unit", "topology", "interval: 1s", "interval: 1", "unit-missing"),
		Entry("a time that is none", "topology", "interval: 1s", "interval: 1 second", "wrong-value"),
		Entry("a list in place of a mapping", "topology", "users:", "users: []\nuser:", "wrong-value"),
		Entry("text in place of a number", "topology", "fall: 2", "fall: two", "wrong-value"),
		Entry("a number beyond its range", "topology", "fall: 2", "fall: 101", "wrong-value"),
		Entry("a key that is missing", "topology", "fall: 2, ", "", "missing-key"),
		Entry("a name in capitals", "topology", "topology: active-active", "topology: Active", "wrong-value"),
		Entry("a timer of Squid on HAProxy", "topology", "engine: haproxy\n", "engine: haproxy\n        forward_timeout: 4s\n", "engine-cannot"),
		Entry("a group with two ways", "topology", `proxy: "proxy:3128"`, `proxy: "proxy:3128", dns: {servers: [x]}`, "two-ways"),
		Entry("a group without a way", "topology", `, proxy: "proxy:3128"`, "", "no-way"),
		Entry("null", "topology", "isp: {latency: 0ms}", "isp: ~", "wrong-value"),

		Entry("an unknown key", "scenario", "load:", "lode:", "unknown-key"),
		Entry("an unknown measure", "scenario", "failover:", "failovr:", "unknown-key"),
		Entry("an unknown kind of fault", "scenario", "kind: power-loss", "kind: powerloss", "unknown-value"),
		Entry("a parameter of another kind", "scenario", "kind: power-loss", "factor: 3, kind: power-loss", "foreign-parameter"),
		Entry("a rate without its unit", "scenario", "rate: 200/s", "rate: 200", "unit-missing"),
		Entry("a share without its unit", "scenario", "tls: 20%", "tls: 0.2", "unit-missing"),
		Entry("a size with another unit", "scenario", "body: 4KiB", "body: 4kB", "wrong-value"),
		Entry("a bound without an operator", "scenario", `failover: "<= 5s"`, `failover: "5s"`, "wrong-bound"),
		Entry("a bound in another unit", "scenario", `failover: "<= 5s"`, `failover: "<= 5%"`, "wrong-bound"),
		Entry("a bound that is no text", "scenario", `corrupted: "== 0"`, "corrupted: 0", "not-text"),
		Entry("a mode that is none", "scenario", "target: wan-1", "target: wan-1, mode: slow", "unknown-value"),
		Entry("a mode of another kind", "scenario", "target: wan-1", "target: wan-1, mode: servfail", "unknown-value"),
	)

	It("describes every key and leaves none without a form", func() {
		for _, kind := range []string{"topology", "scenario", "components"} {
			var missing []string
			undescribed(schemas[kind](), kind, &missing)
			Expect(missing).To(BeEmpty())
		}
	})
})

// refusedByBoth expects that an edit of a good file is refused by spof with a code, and by the schema.
func refusedByBoth(kind, file, old, new, code string) {
	GinkgoHelper()
	Expect(compiled(kind).Validate(instance([]byte(file)))).To(Succeed())
	Expect(file).To(ContainSubstring(old))
	bad := []byte(strings.Replace(file, old, new, 1))
	Expect(reason.Codes(accepts(kind, "f.yaml", bad))).To(ContainElement(code))
	Expect(compiled(kind).Validate(instance(bad))).NotTo(Succeed())
}

// undescribed collects the keys without a description, and those that may hold anything.
func undescribed(part map[string]any, place string, missing *[]string) {
	properties, _ := part["properties"].(map[string]any)
	for key, value := range properties {
		below, ok := value.(map[string]any)
		if !ok {
			continue
		}
		if below["description"] == nil || len(below) == 1 {
			*missing = append(*missing, place+"."+key)
		}
		undescribed(below, place+"."+key, missing)
	}
	for _, key := range []string{"additionalProperties", "items"} {
		if below, ok := part[key].(map[string]any); ok {
			undescribed(below, place+"[]", missing)
		}
	}
}

var _ = Describe("the schemas of a plan", func() {
	It("accept the bundled plans and their answers", func() {
		for _, name := range planner.Bundled() {
			text, err := os.ReadFile("../../planner/plans/" + name + ".yaml")
			Expect(err).NotTo(HaveOccurred())
			Expect(compiled("plan").Validate(instance(text))).To(Succeed())
			out, errs, code := said("plan", name, "--format", "json")
			Expect(code).To(BeZero(), errs)
			Expect(conforms("answer", []byte(out))).To(Succeed())
		}
	})
})

var _ = Describe("the schema of a table of components", func() {
	It("accepts the library", func() {
		text, err := os.ReadFile("../../reliability/component/library.yaml")
		Expect(err).NotTo(HaveOccurred())
		Expect(compiled("components").Validate(instance(text))).To(Succeed())
	})

	DescribeTable("refuses what spof refuses", func(old, new, code string) {
		good := "kinds: {wan: {failure: exponential mean=4000h, beta: 10%, repair: {value: fixed 8h, source: x}}}\ncomponents: [{of: wan isp, buy: 3}]"
		Expect(compiled("components").Validate(instance([]byte(good)))).To(Succeed())
		Expect(good).To(ContainSubstring(old))
		bad := []byte(strings.Replace(good, old, new, 1))
		_, err := component.Library().Override("f.yaml", bad)
		Expect(reason.Codes(err)).To(ContainElement(code))
		Expect(compiled("components").Validate(instance(bad))).NotTo(Succeed())
	},
		Entry("an unknown kind", "wan:", "wann:", "unknown-kind"),
		Entry("an unknown key", "beta:", "betta:", "unknown-key"),
		Entry("a value without a source", ", source: x", "", "missing-key"),
		Entry("no distribution", "exponential mean=4000h", "gamma mean=4000h", "distribution-unknown"),
		Entry("a share without its unit", "10%", "0.1", "unit-missing"),
		Entry("a component without a name", "of: wan isp, ", "", "missing-key"),
	)
})

var _ = Describe("the schema of a fault tree", func() {
	It("accepts that of a design with cut sets and of one without", func() {
		for _, name := range []string{"active-passive", "active-active"} {
			model, errs, code := said("graph", name, "--format", "open-psa")
			Expect(code).To(BeZero(), errs)
			file := filepath.Join(GinkgoT().TempDir(), "model.xml")
			Expect(os.WriteFile(file, []byte(model), 0o600)).To(Succeed())
			out, errs, code := said("tree", file, "--format", "json")
			Expect(code).To(BeZero(), errs)
			Expect(conforms("tree", []byte(out))).To(Succeed())
		}
	})
})
