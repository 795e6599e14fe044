// Package beside runs a container of its own beside a lab, with testcontainers-go.
package beside

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/testcontainers/testcontainers-go"
	"github.com/testcontainers/testcontainers-go/wait"

	"github.com/seed-ab8b6914/spof/spoftest"
)

// image is the context of an image that has only the program fetch. It needs no registry.
func image(t *testing.T) string {
	dir := t.TempDir()
	build := exec.Command("go", "build", "-o", filepath.Join(dir, "fetch"), "./fetch")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if err := os.WriteFile(filepath.Join(dir, "Dockerfile"), []byte("FROM scratch\nCOPY fetch /fetch\nENTRYPOINT [\"/fetch\"]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

// fetch runs the program in a container on the lab's network, and gives what it prints.
func fetch(t *testing.T, lab *spoftest.Lab, files string) string {
	c, err := testcontainers.GenericContainer(t.Context(), testcontainers.GenericContainerRequest{
		ContainerRequest: testcontainers.ContainerRequest{
			FromDockerfile: testcontainers.FromDockerfile{Context: files},
			Cmd:            []string{lab.ProxyURL().String(), lab.OriginURL()},
			Networks:       []string{lab.Network()},
			WaitingFor:     wait.ForExit(),
		},
		Started: true,
	})
	testcontainers.CleanupContainer(t, c)
	if err != nil {
		t.Fatal(err)
	}
	logs, err := c.Logs(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer logs.Close()
	text, err := io.ReadAll(logs)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestAContainerOfOursUsesThePair(t *testing.T) {
	lab := spoftest.Start(t, "active-passive", spoftest.SkipWithoutEngine())
	dir := image(t)
	if said := fetch(t, lab, dir); !strings.Contains(said, "200 OK") {
		t.Fatal("before the fault:", said)
	}
	lab.Break(spoftest.PowerLoss("serving"))
	if said := fetch(t, lab, dir); !strings.Contains(said, "200 OK") {
		t.Fatal("after the fault:", said)
	}
}
