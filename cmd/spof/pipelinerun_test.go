package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// pipelineTrials stand for gateBudget: one trial shows what the pipeline does with it.
const pipelineTrials = gateBudget + " -n 1"

// job is the environment of a CI job: directories of its own, and commands of the CI system that only record what they are given.
type job struct {
	dir, bin string
	env      map[string]string
}

func newJob() *job {
	GinkgoHelper()
	dir, err := filepath.Abs(".")
	Expect(err).NotTo(HaveOccurred())
	j := &job{dir: dir, bin: filepath.Join(dir, "bin"), env: map[string]string{
		"CGO_ENABLED": "0",
		"GOFLAGS":     strings.TrimSpace(os.Getenv("GOFLAGS") + " -trimpath"), // as in make build: what that compiled is not compiled again
	}}
	Expect(os.Mkdir(j.bin, 0o755)).To(Succeed())
	for _, name := range []string{"gh", "curl", "apt-get"} {
		recorder := "#!/bin/sh\nprintf '%s\\n' \"" + name + " $*\" >> " + filepath.Join(dir, "said") + "\n"
		Expect(os.WriteFile(filepath.Join(j.bin, name), []byte(recorder), 0o755)).To(Succeed())
	}
	j.env["PATH"] = j.bin + ":" + os.Getenv("PATH")
	return j
}

// here makes git clone take the module from this work tree's repository.
func (j *job) here() {
	GinkgoHelper()
	tree, err := filepath.Abs(sourceDir)
	Expect(err).NotTo(HaveOccurred())
	config := filepath.Join(j.dir, "gitconfig")
	text := "[url \"file://" + tree + "\"]\n\tinsteadOf = https://" + modulePath() + "\n[safe]\n\tdirectory = *\n"
	Expect(os.WriteFile(config, []byte(text), 0o600)).To(Succeed())
	j.env["GIT_CONFIG_GLOBAL"] = config
}

// run runs a script as the CI systems do, and gives its exit code and output.
func (j *job) run(ctx context.Context, script string) (out string, code int) {
	GinkgoHelper()
	cmd := exec.CommandContext(ctx, "bash", "-e", "-c", script)
	cmd.Dir = j.dir
	cmd.Env = os.Environ()
	for key, value := range j.env {
		cmd.Env = append(cmd.Env, key+"="+value)
	}
	text, err := cmd.CombinedOutput()
	GinkgoWriter.Printf("$ %s\n%s\n", script, text)
	if err != nil && cmd.ProcessState == nil {
		Expect(err).NotTo(HaveOccurred())
	}
	return string(text), cmd.ProcessState.ExitCode()
}

// sourceDir is the directory of the project, seen from the directory in which the specs begin.
var sourceDir = func() string {
	dir, err := filepath.Abs(root)
	if err != nil {
		panic(err)
	}
	return dir
}()

// engine skips a spec on a machine without a container engine; with CI=true it fails there.
func engine(ctx context.Context) {
	GinkgoHelper()
	if exec.CommandContext(ctx, "docker", "version").Run() == nil {
		return
	}
	if os.Getenv("CI") == "true" {
		Fail("no container engine answers")
	}
	Skip("no container engine answers")
}

var _ = Describe("the pipeline of spof init --ci, run in containers", Serial, func() {
	// each runs the scripts of a pipeline one after another. Each must end with 0, but the gate may be inconclusive on a busy machine.
	each := func(ctx context.Context, j *job, scripts []string, after func(script string)) {
		GinkgoHelper()
		j.here()
		for _, script := range scripts {
			script = strings.NewReplacer(gateBudget, pipelineTrials, "/tmp/spof", filepath.Join(j.dir, "tmp"), "/usr/local/bin", j.bin).Replace(script)
			out, code := j.run(ctx, script)
			if strings.Contains(script, "spof run") {
				Expect(code).To(BeElementOf(exitPass, exitInconclusive), out)
			} else {
				Expect(code).To(Equal(exitPass), "%s\n%s", script, out)
			}
			after(script)
		}
		for _, file := range []string{"report.html", "report.md", "report.json", "report.sarif", "junit.xml"} {
			Expect(filepath.Join(j.dir, "out/spof", file)).To(BeARegularFile())
		}
	}
	// begun is a job of a CI system, with the scripts of its pipeline.
	begun := func(ctx context.Context, ci string) (*job, []string) {
		GinkgoHelper()
		engine(ctx)
		_, scripts := written(ci)
		return newJob(), scripts
	}
	recorded := func(j *job) string {
		GinkgoHelper()
		text, err := os.ReadFile(filepath.Join(j.dir, "said"))
		Expect(err).NotTo(HaveOccurred())
		return string(text)
	}

	It("proves its gate, keeps the image and comments: github", func(ctx SpecContext) {
		j, scripts := begun(ctx, "github")
		for _, file := range []string{"GITHUB_OUTPUT", "GITHUB_PATH", "GITHUB_STEP_SUMMARY"} {
			j.env[file] = filepath.Join(j.dir, file)
			Expect(os.WriteFile(j.env[file], nil, 0o600)).To(Succeed())
		}
		j.env["RUNNER_TEMP"], j.env["GITHUB_REPOSITORY"], j.env["NUMBER"] = filepath.Join(j.dir, "runner"), "us/proxies", "7"
		Expect(os.Mkdir(j.env["RUNNER_TEMP"], 0o755)).To(Succeed())
		each(ctx, j, scripts, func(string) {
			more, err := os.ReadFile(j.env["GITHUB_PATH"])
			Expect(err).NotTo(HaveOccurred())
			if add := strings.TrimSpace(string(more)); add != "" && !strings.HasPrefix(j.env["PATH"], add) {
				j.env["PATH"] = add + ":" + j.env["PATH"]
			}
		})
		Expect(os.ReadFile(j.env["GITHUB_OUTPUT"])).To(ContainSubstring("code="))
		Expect(os.ReadFile(j.env["GITHUB_STEP_SUMMARY"])).To(HavePrefix("## spof:"))
		Expect(filepath.Join(j.dir, ".spof-image/base.tar")).To(BeARegularFile())
		Expect(recorded(j)).To(ContainSubstring("gh api --method POST repos/us/proxies/issues/7/comments --field body=@out/spof/report.md"))
	}, SpecTimeout(10*time.Minute))

	It("proves its gate, keeps the image and comments: gitlab", func(ctx SpecContext) {
		j, scripts := begun(ctx, "gitlab")
		j.env["SPOF_COMMENT_TOKEN"], j.env["CI_MERGE_REQUEST_IID"], j.env["CI_PROJECT_ID"], j.env["CI_API_V4_URL"] = "secret", "7", "3", "https://gitlab.example/api/v4"
		each(ctx, j, scripts, func(string) {})
		Expect(filepath.Join(j.dir, ".spof-image/base.tar")).To(BeARegularFile())
		Expect(recorded(j)).To(ContainSubstring("https://gitlab.example/api/v4/projects/3/merge_requests/7/notes"))
	}, SpecTimeout(10*time.Minute))

	It("proves its gate and keeps the image: jenkins", func(ctx SpecContext) {
		j, scripts := begun(ctx, "jenkins")
		j.env["IMAGE"] = filepath.Join(j.dir, "cache/image.tar")
		j.env["PATH"] = filepath.Join(j.dir, ".spof/bin") + ":" + j.env["PATH"]
		each(ctx, j, scripts, func(string) {})
		Expect(j.env["IMAGE"]).To(BeARegularFile())
	}, SpecTimeout(10*time.Minute))
})
