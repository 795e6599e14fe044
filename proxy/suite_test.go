package proxy_test

import (
	"os"
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// TestMain lets this test program be a stranger, for a spec that starts it.
func TestMain(m *testing.M) {
	if socket := os.Getenv(strangerEnv); socket != "" {
		os.Exit(greet(socket))
	}
	os.Exit(m.Run())
}

func TestProxy(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "proxy")
}
