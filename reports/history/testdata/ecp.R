# The first example of James & Matteson (2014), ecp: An R Package for Nonparametric Multiple Change Point Analysis of Multivariate Data, Journal
# of Statistical Software 62(7), section 4.1, and the change points that the paper prints for it: Rscript ecp.R > ecp.json
set.seed(250)
period1 <- rnorm(100)
period2 <- rnorm(100, 0, 3)
period3 <- rnorm(100, 2, 1)
period4 <- rnorm(100, 2, 4)
x <- c(period1, period2, period3, period4)
cat('{\n "made_by": "Rscript ecp.R, ', R.version.string, '",\n "min_size": 30,\n "estimates": [1, 108, 201, 308, 401],\n "x": [',
  paste(format(x, digits = 15, trim = TRUE), collapse = ", "), "]\n}\n", sep = "")
