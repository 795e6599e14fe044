package plan_test

import (
	"encoding/json"
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"slices"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/scenarios/plan"
	"github.com/seed-ab8b6914/spof/scenarios/scenariotest"
)

// prose lists the fields of a plan that only people read.
var prose = []string{
	"Topology.About", "Scenario.About", "Scenario.Faults.FaultParams.Power.Why",
	"Faults.Planned.FaultParams.Power.Why", "Faults.Predicted.Text", "Faults.Unpredicted", "Faults.PromisedBy",
}

// fill sets everything below v: numbers to 1, texts to "x", lists and maps to one element.
func fill(v reflect.Value) {
	switch v.Addr().Interface().(type) {
	case *netip.Addr:
		v.Set(reflect.ValueOf(netip.MustParseAddr("10.0.0.1")))
		return
	case *netip.Prefix:
		v.Set(reflect.ValueOf(netip.MustParsePrefix("10.0.0.0/24")))
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem())
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0))
	case reflect.Map:
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		fill(key)
		fill(value)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(key, value)
	case reflect.Struct:
		for _, f := range reflect.VisibleFields(v.Type()) {
			if len(f.Index) == 1 && f.IsExported() && f.Tag.Get("json") != "-" {
				fill(v.FieldByIndex(f.Index))
			}
		}
	case reflect.String:
		v.SetString("x")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		v.SetInt(1)
	case reflect.Uint64:
		v.SetUint(1)
	case reflect.Float64:
		v.SetFloat(1)
	default:
		Fail("a plan has a field of the kind " + v.Kind().String() + ": give it a value here")
	}
}

// visit calls change for every field below v that a file has, with its name and with the same field of another value.
func visit(v reflect.Value, name string, change func(name string, field, other reflect.Value)) {
	other := reflect.New(v.Type()).Elem() // the zero value
	switch v.Kind() {
	case reflect.Struct:
		for _, f := range reflect.VisibleFields(v.Type()) {
			if len(f.Index) == 1 && f.IsExported() && f.Tag.Get("json") != "-" {
				visit(v.FieldByIndex(f.Index), name+"."+f.Name, change)
			}
		}
		return
	case reflect.Pointer:
		visit(v.Elem(), name, change)
	case reflect.Slice:
		visit(v.Index(0), name, change)
	}
	change(name[1:], v, other)
}

// full is a plan with a value in every field, of the schema.
func full(schema string) *plan.Plan {
	p := new(plan.Plan)
	fill(reflect.ValueOf(p).Elem())
	p.Schema = schema
	return p
}

// uncovered lists the fields that do not change the hash of a plan.
func uncovered(schema string) []string {
	p := full(schema)
	hash := p.Hash()
	Expect(hash).To(HaveLen(64))
	var names []string
	visit(reflect.ValueOf(p).Elem(), "", func(name string, field, other reflect.Value) {
		old := reflect.New(field.Type()).Elem()
		old.Set(field)
		field.Set(other)
		if p.Hash() == hash && !slices.Contains(names, name) {
			names = append(names, name)
		}
		field.Set(old)
		Expect(p.Hash()).To(Equal(hash), "the plan is as before")
	})
	return names
}

var _ = Describe("the hash of a plan", func() {
	It("covers every field except prose", func() {
		Expect(uncovered(plan.Schema)).To(ConsistOf(prose))
	})

	It("of the first schema covers prose, except the reason for a missing prediction", func() {
		Expect(uncovered(plan.SchemaV1)).To(ConsistOf("Faults.Unpredicted"))
	})

	It("differs between the schemas", func() {
		Expect(full(plan.SchemaV1).Hash()).NotTo(Equal(full(plan.Schema).Hash()))
	})

	It("leaves the plan as it is", func() {
		p := full(plan.Schema)
		p.Hash()
		Expect(p).To(Equal(full(plan.Schema)))
	})

	It("stays the same under another about of the scenario or the design, and other sentences of a prediction", func() {
		t, s := scenariotest.Design("generator-backed"), scenariotest.Bundled("feed-loss")
		hash := scenariotest.Compile(t, s).Hash()
		t.About, s.About = "other", "other"
		p := scenariotest.Compile(t, s)
		Expect(p.Hash()).To(Equal(hash))
		p.Faults[0].Predicted.Text, p.Faults[0].PromisedBy, p.Faults[0].Power[0].Why = "other", "other", "other"
		Expect(p.Hash()).To(Equal(hash))
	})

	It("of a plan in a trace of the first schema is that of the trace", func() {
		data, err := os.ReadFile(filepath.Join("testdata", "plan-v1.json"))
		Expect(err).NotTo(HaveOccurred())
		var p plan.Plan
		Expect(json.Unmarshal(data, &p)).To(Succeed())
		Expect(p.Schema).To(Equal(plan.SchemaV1))
		Expect(p.Hash()).To(Equal(recordedHash))
		p.Faults[0].Predicted.Text += "."
		Expect(p.Hash()).NotTo(Equal(recordedHash), "it covers prose")
	})

	It("is defined for known schemas only", func() {
		Expect([]bool{full(plan.Schema).Known(), full(plan.SchemaV1).Known(), full("spof/plan/v3").Known(), full("").Known()}).To(Equal([]bool{true, true, false, false}))
	})
})

// recordedHash is the plan_hash in the trace of testdata/plan-v1.json.
const recordedHash = "19146be957cfee148945061c8796e50b8cfb9f3d58d0ab568e72ebd9af070968"
