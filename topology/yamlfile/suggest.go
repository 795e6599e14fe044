package yamlfile

import (
	"fmt"
	"slices"
)

func known(values []string, s string) bool { return slices.Contains(values, s) }

// Suggest gives ` (did you mean "x"?)` for the value nearest to s, or "" if none is near: at most one edit for each
// three letters.
func Suggest(s string, values []string) string {
	if len(s) > 40 {
		return ""
	}
	best, least := "", max(1, len(s)/3)+1
	for _, v := range values {
		if d := distance(s, v); d < least {
			best, least = v, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf(" (did you mean %q?)", best)
}

// distance is the Levenshtein distance in bytes.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
