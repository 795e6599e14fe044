// Package spoftest runs redundant proxy services inside Go tests, breaks them, and says what their users lose. Begin at Start:
//
//	func TestOurClientSurvivesTheFailover(t *testing.T) {
//		lab := spoftest.Start(t, "active-passive")
//		client := lab.Client() // or your own, with lab.ProxyURL()
//		fault := lab.Break(spoftest.PowerLoss("serving")) // returns when the loss is proven
//		... your code fetches lab.OriginURL() ...
//		fault.Repair()
//	}
//
// Lab.Run runs a whole scenario with spof's own users, and gives measures that are judged by conditions:
//
//	res := lab.Run("node-death", spoftest.Trials(3))
//	res.Check(t, spoftest.RecoverWithin(4*time.Second), spoftest.BypassNothing())
//
// Package spofmatch has the same conditions as Gomega matchers. This package imports no Ginkgo and no Gomega: T is what *testing.T
// and GinkgoT() have in common.
//
// Nothing is installed beforehand. The program that runs on the nodes is built from the same version of the module, once, with the go
// command, and kept below os.UserCacheDir. A lab ends with its test, also after a panic. When the test process is killed, the nodes
// end by themselves, and a process that waits for that removes the rest. Parallel tests hold as many labs as GOMAXPROCS, and others wait.
//
// The package knows no command line. It may import everything of the module but cmd.
package spoftest
