package compare

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/seed-ab8b6914/spof/reports/analyze"
)

// VerdictTest is Fisher's one-sided test that the new trials fail more often than those of the base.
type VerdictTest struct {
	P     float64  `json:"p"`
	PHolm *float64 `json:"p_holm"` // with Holm's correction over all tests of the comparison; null: so few failing trials cannot be significant
	// Finds is the least number of failing new trials that shows a worse verdict if no trial of the base fails; null: none does.
	Finds *int `json:"finds"`
}

// failing counts the trials of one side that fail, of those that pass or fail. Inconclusive trials decide nothing.
type failing struct{ n, of int }

func (t *Trials) failing() failing { return failing{t.Failing, t.Failing + t.Passing} }

// otherBounds reports whether the two sides expect different things.
func (c *Cell) otherBounds() bool {
	return !slices.EqualFunc(c.base.Bounds, c.new.Bounds, func(a, b analyze.Bound) bool { return a.Measure == b.Measure && a.Text == b.Text })
}

// testVerdict makes the test of the verdicts, if both sides have some that compare. ok: it counts for Holm's correction. A test that is not
// significant with any division of its failing trials does not (Tarone 1990, Biometrics 46, 515-522).
func (c *Cell) testVerdict(alpha float64) (test hypothesis, ok bool) {
	base, new := c.Base.failing(), c.New.failing()
	if c.base == nil || c.new == nil || base.of == 0 || new.of == 0 || c.otherBounds() {
		return test, false
	}
	v := &VerdictTest{P: fisher(base, new)}
	c.VerdictTest = v
	most := min(new.of, base.n+new.n)
	return hypothesis{v.P, func(adjusted float64) { v.PHolm = &adjusted }},
		significant(fisher(failing{base.n + new.n - most, base.of}, failing{most, new.of}), alpha)
}

// verdicts compares the verdicts of the two sides. level is that of Holm's first step. Under other bounds, none is better or worse, but a
// new fail is no proof of safety.
func (c *Cell) verdicts(alpha, level float64) {
	other := c.otherBounds()
	if other {
		c.note("other-bounds", Same, "the two sides expect different things: the verdicts do not compare")
	}
	if v := c.VerdictTest; v != nil {
		if n, ok := FailingShown(c.Base.failing().of, c.New.failing().of, level); ok {
			v.Finds = &n
		}
	}
	base, new, why := c.Base.Verdict, c.New.Verdict, c.why()
	became := fmt.Sprintf("the verdict was %s and is %s", base, new)
	switch {
	case c.failsMore(alpha):
		c.note("verdict-worse", Worse, "%s: %s, p %.2g with Holm%s", became, c.failures(), *c.VerdictTest.PHolm, why)
	case c.VerdictTest != nil && significant(fisher(c.New.failing(), c.Base.failing()), level):
		c.note("verdict-better", Better, "%s: %s", became, c.failures())
	case base == new:
	case other && base == analyze.Pass && new == analyze.Fail:
		c.note("fail-other-bounds", Unknown, "the new side fails, the base passed, and their bounds differ%s", why)
	case other && base == analyze.Fail && new == analyze.Pass:
	case base == analyze.Pass && new == analyze.Fail:
		c.note("fail-not-shown", Unknown, "%s, but chance can explain it: %s; %s%s", became, c.failures(), c.moreTrials(level), why)
	case base == analyze.Fail && new == analyze.Pass:
		c.note("pass-not-shown", Same, "%s, but chance can explain it: %s", became, c.failures())
	case new == analyze.Inconclusive:
		c.note("verdict-unknown", Unknown, "%s%s", became, why)
	case new == analyze.Fail:
		c.note("verdict-unknown", Unknown, "the verdict is fail; the base proved nothing")
	}
}

// why gives the reasons of the new verdict, to end a sentence with.
func (c *Cell) why() string {
	if len(c.new.Reasons) == 0 {
		return ""
	}
	return ": " + strings.Join(c.new.Reasons, "; ")
}

// failsMore reports whether the new trials fail more often, by the test with Holm's correction.
func (c *Cell) failsMore(alpha float64) bool {
	return c.VerdictTest != nil && c.VerdictTest.PHolm != nil && significant(*c.VerdictTest.PHolm, alpha)
}

// failures says how many trials of each side fail.
func (c *Cell) failures() string {
	base, new := c.Base.failing(), c.New.failing()
	return fmt.Sprintf("%d of %d new trials fail, and %d of %d of the base", new.n, new.of, base.n, base.of)
}

// moreTrials says how many trials a side would show the failures.
func (c *Cell) moreTrials(level float64) string {
	n := shownBy(c.Base.failing(), c.New.failing(), level)
	if n == 0 {
		return "take more trials"
	}
	return "if these shares stay, " + strconv.Itoa(n) + " trials a side show it"
}

// mostTrials bounds the trials that a comparison asks for.
const mostTrials = 10_000

// shownBy is the least number of trials a side at which these shares of failing trials, in whole trials, are significant; 0: mostTrials are
// not enough, or the new share is not larger.
func shownBy(base, new failing, level float64) int {
	if base.of == 0 || new.of == 0 || new.n*base.of <= base.n*new.of {
		return 0
	}
	for n := max(base.of, new.of); n <= mostTrials; n++ {
		b, k := (base.n*n+base.of-1)/base.of, new.n*n/new.of
		if k > b && significant(fisher(failing{b, n}, failing{k, n}), level) {
			return n
		}
	}
	return 0
}

// FailingShown is the least number of failing trials, of so many new ones, that is significant at a level if none of the base's trials
// fails; ok is false if even all of them are not.
func FailingShown(base, new int, level float64) (n int, ok bool) {
	for n = 1; n <= new; n++ {
		if significant(fisher(failing{0, base}, failing{n, new}), level) {
			return n, true
		}
	}
	return 0, false
}

// fisher gives the one-sided p-value of Fisher's exact test (Fisher 1935, The Design of Experiments, chapter 2): the probability that at
// least so many of all failing trials are new ones, if both sides fail equally often. That number is hypergeometric.
func fisher(base, new failing) float64 {
	total := base.n + new.n
	p := 0.0
	for k := new.n; k <= min(new.of, total); k++ {
		p += math.Exp(logChoose(new.of, k) + logChoose(base.of, total-k) - logChoose(base.of+new.of, total))
	}
	return min(1, p)
}
