package history

import (
	"encoding/binary"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"slices"
)

// minSegment is the least number of runs on either side of a change point: one odd run is no change.
const minSegment = 2

// distances holds the sum of all distances |x_i - x_j| within each part of a series.
type distances struct {
	n       int
	sum     []float64 // of x[a:b] at a*(n+1)+b
	inverse []float64 // 1/i at i: a test takes many divergences
}

// fill computes the sums of a series: those of x[a:b] are those of x[a:b-1] and the distances of x[b-1] to them.
func (d *distances) fill(x []float64) {
	d.n = len(x)
	if size := (d.n + 1) * (d.n + 1); len(d.sum) < size {
		d.sum = make([]float64, size)
	}
	for i := len(d.inverse); i <= d.n; i++ {
		d.inverse = append(d.inverse, 1/float64(max(i, 1)))
	}
	row := d.n + 1
	for b := range row {
		d.sum[b*row+b] = 0
		column := 0.0
		for a := b - 1; a >= 0; a-- {
			column += math.Abs(x[a] - x[b-1])
			d.sum[a*row+b] = d.sum[a*row+b-1] + column
		}
	}
}

func (d *distances) within(a, b int) float64 { return d.sum[a*(d.n+1)+b] }

// divergence is the statistic Q of Matteson & James (2014), A Nonparametric Approach for Multiple Change Point Analysis of Multivariate Data,
// J. Amer. Statist. Assoc. 109, 334-345, equations (5) to (7) with alpha = 1, for X = x[:t] of n values and Y = x[t:k] of m:
//
//	E = 2/(nm) sum |X_i - Y_j| - C(n,2)^-1 sum |X_i - X_k| - C(m,2)^-1 sum |Y_j - Y_k|
//	Q = nm/(n+m) E = 2/(n+m) (sum |X_i - Y_j| - m/(n-1) sum |X_i - X_k| - n/(m-1) sum |Y_j - Y_k|)
//
// t and k-t must be at least 2.
func (d *distances) divergence(t, k int) float64 {
	n, m := t, k-t
	left, right := d.within(0, t), d.within(t, k)
	across := d.within(0, k) - left - right
	return 2 * d.inverse[k] * (across - float64(m)*d.inverse[n-1]*left - float64(n)*d.inverse[m-1]*right)
}

// split gives the t that maximizes the divergence over t and k, with at least so many values on either side; 0 if the series is too short.
func (d *distances) split(least int) (t int, most float64) {
	most = math.Inf(-1)
	for left := least; left <= d.n-least; left++ {
		for k := left + least; k <= d.n; k++ {
			if q := d.divergence(left, k); q > most {
				t, most = left, q
			}
		}
	}
	return t, most
}

// found is a change point: the index of the first value after it, and its p-value.
type found struct {
	at int
	p  float64
}

// detector finds the change points of a series by E-divisive means: it splits the series where the divergence is greatest, tests the split
// by permutations, and goes on within the parts until a split is not significant (Matteson & James 2014, sections 3.1 and 3.2). Hunter and
// Apache Otava test by Student's t in place of permutations. Permutations are slower and hold the level for any distribution; a t-test after
// the choice of the best split does not.
type detector struct {
	level float64 // of each test
	least int     // values on either side of a change point, 2 or more
	rng   *rand.Rand
	distances
}

// changePoints gives the change points in order. The seed comes from the values: the same series gives the same points, and two series do not
// share their permutations.
func changePoints(x []float64, level float64, least int) []found {
	d := detector{level: level, least: least, rng: rand.New(rand.NewPCG(1, seedOf(x)))}
	ends := []int{0, len(x)} // of the parts
	var points []found
	for {
		at, q := d.best(x, ends)
		if at == 0 || !(q > 0) {
			break
		}
		p := d.test(x, ends, q)
		if p > level {
			break
		}
		points = append(points, found{at, p})
		ends = append(ends, at)
		slices.Sort(ends)
	}
	slices.SortFunc(points, func(a, b found) int { return a.at - b.at })
	return points
}

// seedOf is a hash of the values (FNV-1a).
func seedOf(x []float64) uint64 {
	h := fnv.New64a()
	for _, v := range x {
		_ = binary.Write(h, binary.LittleEndian, v) // never fails
	}
	return h.Sum64()
}

// best gives the split with the greatest divergence over all parts; at is 0 if every part is too short.
func (d *detector) best(x []float64, ends []int) (at int, most float64) {
	most = math.Inf(-1)
	for i := range ends[1:] {
		d.fill(x[ends[i]:ends[i+1]])
		if t, q := d.split(d.least); t > 0 && q > most {
			at, most = ends[i]+t, q
		}
	}
	return at, most
}

// Bounds of the permutations.
const (
	enough   = 50     // permutations as extreme as the series end the test: it is not significant
	mostDraw = 99_999 // permutations
)

// test gives the p-value of the best split: the share of permutations within the parts whose best split diverges at least as much. It stops
// at enough such permutations (Besag & Clifford 1991, Sequential Monte Carlo p-values, Biometrika 78, 301-304): the p-value is valid either
// way, and a series without a change costs few permutations.
func (d *detector) test(x []float64, ends []int, observed float64) float64 {
	draws := int(min(math.Ceil(enough/d.level)-1, mostDraw))
	y, extreme := slices.Clone(x), 0
	for n := 1; n <= draws; n++ {
		for i := range ends[1:] {
			part := y[ends[i]:ends[i+1]]
			d.rng.Shuffle(len(part), func(a, b int) { part[a], part[b] = part[b], part[a] })
		}
		if _, q := d.best(y, ends); q >= observed*(1-1e-9) { // the sums of another order differ by rounding
			if extreme++; extreme == enough {
				return float64(enough) / float64(n)
			}
		}
	}
	return float64(extreme+1) / float64(draws+1)
}
