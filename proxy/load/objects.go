package load

import (
	"math"
	"sort"
)

// Limits of Objects.
const (
	MaxObjects   = 1_000_000
	maxZipf      = 3.0
	maxCatalogue = 64
)

// Objects are a catalogue of cacheable objects, and how the users ask for them. The popularity is Zipf's: the object of
// rank k is asked for in proportion to 1/k^s. For requests at web proxies s was found to be 0.64 to 0.83 (Breslau et al.,
// "Web Caching and Zipf-like Distributions", INFOCOM 1999), which is why math/rand's Zipf, for s > 1, is of no use here.
type Objects struct {
	Count int     `json:"count"`
	Zipf  float64 `json:"zipf"` // s; 0: all objects alike
	// Cacheable is the share of the requests that ask for an object of the catalogue; each other one asks for an object of
	// its own, which may not be stored.
	Cacheable float64 `json:"cacheable"`
	// Catalogue sets the catalogue apart: no cache knows the objects of another one.
	Catalogue string `json:"catalogue"`
}

// popularity draws ranks.
type popularity struct {
	cacheable  float64
	cumulative []float64 // of the weights of the ranks up to the index + 1
}

func newPopularity(o *Objects) *popularity {
	if o == nil {
		return nil
	}
	p := &popularity{cacheable: o.Cacheable, cumulative: make([]float64, o.Count)}
	sum := 0.0
	for i := range p.cumulative {
		sum += math.Pow(float64(i+1), -o.Zipf)
		p.cumulative[i] = sum
	}
	return p
}

// draw maps two numbers from [0, 1) to a rank from 1, by the inverse of the distribution, or to 0 for an object that is
// not in the catalogue.
func (p *popularity) draw(whether, which float64) int {
	if whether >= p.cacheable {
		return 0
	}
	total := p.cumulative[len(p.cumulative)-1]
	return 1 + sort.Search(len(p.cumulative)-1, func(i int) bool { return p.cumulative[i] > which*total })
}
