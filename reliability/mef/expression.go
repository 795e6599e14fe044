package mef

import (
	"math"
	"strconv"
)

// value is that of a parameter.
type value struct {
	known bool // false: it is being computed
	v     float64
}

// arithmetic are the elements that compute a number from others: how many they take, at least and at most, and how.
var arithmetic = map[string]struct {
	least, most int
	of          func(x []float64) float64
}{
	"neg":         {1, 1, func(x []float64) float64 { return -x[0] }},
	"add":         {2, math.MaxInt, fold(func(a, b float64) float64 { return a + b })},
	"sub":         {2, math.MaxInt, fold(func(a, b float64) float64 { return a - b })},
	"mul":         {2, math.MaxInt, fold(func(a, b float64) float64 { return a * b })},
	"div":         {2, math.MaxInt, fold(func(a, b float64) float64 { return a / b })},
	"pow":         {2, 2, func(x []float64) float64 { return math.Pow(x[0], x[1]) }},
	"exp":         {1, 1, func(x []float64) float64 { return math.Exp(x[0]) }},
	"exponential": {2, 2, func(x []float64) float64 { return -math.Expm1(-x[0] * x[1]) }}, // rate per hour, hours
}

func fold(by func(a, b float64) float64) func([]float64) float64 {
	return func(x []float64) float64 {
		sum := x[0]
		for _, y := range x[1:] {
			sum = by(sum, y)
		}
		return sum
	}
}

// expression gives the value of an expression.
func (r *reader) expression(e *element) float64 {
	switch e.name {
	case "float", "int":
		return r.number(e.at, e.attribute("value"))
	case "bool":
		return r.truth(e)
	case "parameter":
		return r.parameter(e)
	}
	op, is := arithmetic[e.name]
	if !is {
		r.refuse("mef-unsupported", e.at, "<%s> is not supported in an expression; want float, int, bool, parameter, neg, add, sub, mul, div, pow, exp or exponential", e.name)
		return 0
	}
	if n := len(e.children); n < op.least || n > op.most {
		r.refuse("wrong-inputs", e.at, "<%s> of %d expressions; want %d", e.name, n, op.least)
		return 0
	}
	var x []float64
	for _, c := range e.children {
		x = append(x, r.expression(c))
	}
	return op.of(x)
}

// number reads a number.
func (r *reader) number(at position, text string) float64 {
	v, err := strconv.ParseFloat(trimmed(text), 64)
	if err != nil {
		r.refuse("not-a-number", at, "%q; want a number", head(text))
	}
	return v
}

// truth reads <bool value="true"/> as 1.
func (r *reader) truth(e *element) float64 {
	switch v := e.attribute("value"); v {
	case "true":
		return 1
	case "false":
		return 0
	default:
		r.refuse("not-a-constant", e.at, `<bool value=%q>; want "true" or "false"`, head(v))
		return 0
	}
}

// parameter gives the value of a parameter.
func (r *reader) parameter(e *element) float64 {
	name := r.name(e)
	if v, met := r.values[name]; met {
		if !v.known {
			r.refuse("parameter-cycle", e.at, "parameter %q depends on itself", name)
		}
		return v.v
	}
	of := r.parameters[name]
	if of == nil {
		r.refuse("unknown-parameter", e.at, "parameter %q is not defined", name)
		return 0
	}
	r.values[name] = value{}
	v := 0.0
	if content := of.content(); len(content) == 1 {
		v = r.expression(content[0])
	} else {
		r.refuse("wrong-expression", of.at, "parameter %q has %d expressions; want one", name, len(content))
	}
	r.values[name] = value{true, v}
	return v
}
