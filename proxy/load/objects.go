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

// Objects is a catalogue of cacheable objects and the distribution of the users' requests over it. The popularity follows
// Zipf's law: the share of the object of rank k is proportional to 1/k^s. For requests at web proxies s is 0.64 to 0.83
// (Breslau et al., "Web Caching and Zipf-like Distributions", INFOCOM 1999). Zipf in math/rand needs s > 1, so it is not used
// here.
type Objects struct {
	Count int     `json:"count"`
	Zipf  float64 `json:"zipf"` // s, 0 to 3; 0: all objects are equally popular
	// Cacheable is the share of the requests for an object of the catalogue, 0 to 1. Each other request has an object of its
	// own, rank must not be stored.
	Cacheable float64 `json:"cacheable"`
	// Catalogue names the catalogue, by 1 to 64 letters and digits. Catalogues with different names have no object in common.
	Catalogue string `json:"catalogue"`
}

// popularity draws ranks.
type popularity struct {
	cacheable  float64
	cumulative []float64 // by index: sum of the weights of the ranks 1 to index + 1
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

// draw maps two numbers in [0, 1) to a rank, by the inverse of the distribution. 0: an object outside the catalogue.
func (p *popularity) draw(cached, rank float64) int {
	if cached >= p.cacheable {
		return 0
	}
	total := p.cumulative[len(p.cumulative)-1]
	return 1 + sort.Search(len(p.cumulative)-1, func(i int) bool { return p.cumulative[i] > rank*total })
}
