package inner

func all(v interface {
	Refuse(code, format string, args ...any)
}) {
	add := func(code, format string, args ...any) { v.Refuse(code, format, args...) }
	add("by-closure", "closure %s", "")
	v.Refuse("by-method", "method")
}
