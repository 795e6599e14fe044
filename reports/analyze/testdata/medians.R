# Ranks of the order-statistic interval of a median at 95 %, by the inversion of R's binom.test: Rscript medians.R > medians.json
# A value lies inside if the sign test at this median is not significant on either side at 2.5 %.
ns <- c(6:69, 80, 100, 200, 500, 1000, 2000)
rows <- sapply(ns, function(n) {
  inside <- function(below) {
    binom.test(below, n, 0.5, alternative = "less")$p.value > 0.025 && binom.test(below, n, 0.5, alternative = "greater")$p.value > 0.025
  }
  kept <- Filter(inside, 0:n) # counts of values below the median
  sprintf('  {"n": %d, "lo": %d, "hi": %d}', n, min(kept), max(kept) + 1)
})
cat('{\n "made_by": "Rscript medians.R, ', R.version.string, '",\n "medians": [\n', paste(rows, collapse = ",\n"), "\n ]\n}\n", sep = "")
