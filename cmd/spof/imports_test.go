package main

import (
	"os/exec"
	"regexp"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

const module = "github.com/seed-ab8b6914/spof/"

// rules says what the packages under a path may import of this module; the longest matching path decides.
var rules = []struct{ path, may string }{
	{"reason", `^$`}, // every package may import it
	{"topology/yamlfile", `^$`},
	{"topology/plainfile", `^$`},
	{"topology/pac", `^$`},
	{"topology", `^topology/(yamlfile|plainfile|pac)$`},
	{"proxy/policy", `^topology$`},
	{"proxy/chassis", `^topology$`},
	{"proxy/stub", `^$`},
	{"proxy/load", `^(topology/pac|proxy/policy|proxy/stub)$`},
	{"proxy/toxi", `^proxy$`},
	{"proxy/lint", `^(topology|proxy/policy)$`},
	{"proxy/engine/configtext", `^$`},
	{"proxy/engine", `^(topology|proxy|proxy/engine|proxy/engine/configtext|proxy/policy)$`}, // also for each engine: no other engine, not the registry
	{"proxy/engine/registry", `^proxy(/engine(/[a-z]+)?)?$`},
	{"proxy/configure", `^(topology|proxy|proxy/chassis|proxy/engine(/registry|/builtin)?)$`},
	{"proxy/builtin", `^(topology|proxy|proxy/(policy|toxi))$`},
	{"proxy/agent", `^(proxy|proxy/(chassis|engine|engine/registry|load|policy|stub|toxi))$`},
	{"proxy", `^(topology|proxy/policy|proxy/chassis)$`},
	{"deployment", `^(topology/(yamlfile|plainfile|pac)|proxy/engine/(configtext|haproxy|nginx|keepalived|squid))$`},
	{"deployment/design", `^(deployment|topology|topology/pac|proxy|proxy/engine/(haproxy|nginx))$`},
	{"deployment/promise", `^(deployment|topology/(yamlfile|pac)|proxy/policy|proxy/engine/(configtext|haproxy|nginx|keepalived|squid))$`},
	{"deployment/audit", `^(deployment|deployment/promise|proxy/policy|proxy/engine/(configtext|haproxy|keepalived|squid))$`},
	{"scenarios/design", `^(topology|proxy/policy)$`},
	{"scenarios/target", `^(topology|topology/yamlfile|scenarios/design)$`},
	{"scenarios/fault", `^(topology|topology/yamlfile|proxy|proxy/agent|proxy/policy|proxy/engine/registry|scenarios/(design|target))$`},
	{"scenarios", `^(topology/(yamlfile|plainfile)|proxy|scenarios/(design|target|fault))$`},
	{"scenarios/predict", `^(topology|topology/yamlfile|proxy|proxy/policy|proxy/engine|proxy/engine/registry|proxy/stub|scenarios|scenarios/(design|target|fault))$`},
	{"scenarios/plan", `^(topology|topology/yamlfile|proxy|scenarios|scenarios/(target|fault|predict))$`},
	{"scenarios/state", `^(topology|proxy/policy|scenarios|scenarios/(target|fault|plan))$`},
	{"scenarios/campaign", `^(topology|proxy|proxy/policy|scenarios|scenarios/(design|target|fault|predict|plan))$`},
	{"scenarios/scenariotest", `^(topology|topology/yamlfile|proxy|scenarios|scenarios/(target|fault|plan)|reports/analyze)$`}, // for tests alone
	{"wholefile", `^$`},
	{"sim/trace", `^(proxy|proxy/load|scenarios|scenarios/(plan|fault)|topology/plainfile|wholefile)$`},
	{"sim", `^((topology|proxy|sim)(/|$)|scenarios(/(plan|fault|target))?$)`},
	{"reports/units", `^$`},
	{"reports/terminal", `^$`},
	{"reports/analyze", `^(topology|proxy|proxy/load|scenarios|scenarios/(plan|predict|target|fault)|sim/trace|reports/units)$`},
	{"reports/compare", `^reports/analyze$`},
	{"reports/telemetry", `^(proxy|proxy/load|scenarios/plan|sim/trace|reports/analyze)$`},
	{"reports/capacity", `^(topology|reports/(analyze|units))$`},
	{"reports/history", `^reports/(analyze|compare)$`},
	{"reports", `^(planner|reliability/faulttree|reports/(analyze|capacity|compare|history|terminal|units)|reports|wholefile)$`},
	{"spoftest", `^(topology|scenarios|sim|proxy)(/|$)|^reports/(analyze|units)$`},
	{"spoftest/spofmatch", `^(spoftest|reports/analyze)$`},
	{"reliability/bdd", `^$`},
	{"reliability/choose", `^$`},
	{"reliability/dist", `^$`},
	{"reliability/lifetime", `^reliability/dist$`},
	{"reliability/component", `^(reliability/dist|topology/yamlfile)$`},
	{"reliability/system", `^(topology|topology/yamlfile|reliability/(bdd|component|dist|faulttree|lifetime))$`},
	{"reliability/network", `^reliability/bdd$`},
	{"reliability/faulttree", `^reliability/bdd$`},
	{"reliability/faulttree/faulttreetest", `^reliability/faulttree$`}, // for tests alone
	{"reliability/mef", `^reliability/faulttree$`},
	{"planner", `^(topology|topology/(yamlfile|plainfile)|scenarios|scenarios/(plan|state)|reports/(analyze|capacity)|reliability/(dist|component|system|choose|faulttree|lifetime))$`},
	{"scripts", `^reports(/(analyze|compare))?$`},
	{"cmd", `.`},
}

var _ = Describe("the packages", func() {
	It("import each other by the rules", func() {
		out, err := exec.Command("go", "list", "-f", `{{.ImportPath}} {{join .Imports " "}}`, "../../...").Output()
		Expect(err).NotTo(HaveOccurred())
		checked := 0
		for line := range strings.Lines(string(out)) {
			fields := strings.Fields(line)
			pkg := strings.TrimPrefix(fields[0], module)
			may := ruleOf(pkg)
			for _, imported := range fields[1:] {
				if rest, ours := strings.CutPrefix(imported, module); ours && rest != "reason" {
					checked++
					Expect(rest).To(MatchRegexp(may.String()), "%s must not import %s", pkg, rest)
				}
			}
		}
		Expect(checked).To(BeNumerically(">", 20), "go list found no imports to check")
	})

	It("have names that say what they are for", func() {
		out, err := exec.Command("go", "list", "../../...").Output()
		Expect(err).NotTo(HaveOccurred())
		Expect(string(out)).NotTo(MatchRegexp(`/(utils?|common|helpers?|types|misc)\n`))
	})

	It("take no path as a pattern: a directory may be named out[1]", func() {
		out, err := exec.Command("grep", "-rnE", "--include=*.go", `filepath\.(Glob|Match)\(`, "../..").Output()
		if err != nil {
			Expect(err).To(BeAssignableToTypeOf(&exec.ExitError{})) // 1: no match
		}
		Expect(string(out)).To(BeEmpty())
	})

	It("have no init function", func() {
		out, err := exec.Command("grep", "-rnE", "--include=*.go", `^func init\(\)`, "../..").Output()
		if err != nil {
			Expect(err).To(BeAssignableToTypeOf(&exec.ExitError{})) // 1: no match
		}
		Expect(string(out)).To(BeEmpty())
	})
})

func ruleOf(pkg string) *regexp.Regexp {
	best, may := "", `^$`
	for _, r := range rules {
		if (pkg == r.path || strings.HasPrefix(pkg, r.path+"/")) && len(r.path) > len(best) {
			best, may = r.path, r.may
		}
	}
	return regexp.MustCompile(may)
}
