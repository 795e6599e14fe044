package lifetime

// MeanOf gives the mean of values of which n are 1 and others are 0, with its interval.
func MeanOf(ones, others int) Estimate {
	return moments{float64(ones), float64(ones), min(1, float64(ones))}.mean(ones+others, 1)
}

// QuantileOf gives a quantile of values.
func QuantileOf(p float64, values ...float64) Quantile {
	var h histogram
	for _, v := range values {
		h.add(v)
	}
	return h.quantile(p)
}
