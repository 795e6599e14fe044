package main

import (
	"cmp"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// BenchmarkBigFiles reads configuration files of about 10,000 lines, each with its servers at different addresses. The metrics are the mean
// time of spof import, validate and predict (seconds), and the most memory that one of their runs takes (peak-MB). Target for a haproxy.cfg:
// below 1 s and 200 MB.
func BenchmarkBigFiles(b *testing.B) {
	const head = "defaults\n timeout connect 5s\n timeout check 2s\n option redispatch\nfrontend f\n bind :3128\n default_backend b0\n"
	for _, big := range []struct{ name, file, text string }{
		{"one-backend", "haproxy.cfg", head + "backend b0\n" + bigLines(0, 9900)},
		{"500-backends", "haproxy.cfg", head + bigBackends(500, 18)},
		{"100-backends", "haproxy.cfg", head + bigBackends(100, 94)},
	} {
		for _, command := range []string{"import", "validate", "predict"} {
			b.Run(big.name+"/"+command, func(b *testing.B) {
				file := filepath.Join(b.TempDir(), big.file)
				if err := os.WriteFile(file, []byte(big.text), 0o600); err != nil {
					b.Fatal(err)
				}
				bigRun(b, command, file)
			})
		}
	}
}

// bigRun runs a command on a file.
func bigRun(b *testing.B, command, file string) {
	var took time.Duration
	peak := int64(0)
	for b.Loop() {
		cmd := exec.Command(cmp.Or(os.Getenv("SPOF_BINARY"), "../../bin/spof"), command, file, "--node", "lb1=10.250.0.1")
		began := time.Now()
		if out, err := cmd.CombinedOutput(); err != nil {
			b.Fatalf("%v\n%.500s", err, out)
		}
		took += time.Since(began)
		peak = max(peak, cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss) // in KiB
	}
	b.ReportMetric(took.Seconds()/float64(b.N), "seconds")
	b.ReportMetric(float64(peak)/1024, "peak-MB")
}

func bigBackends(n, each int) string {
	var text strings.Builder
	for i := 1; i < n; i++ {
		fmt.Fprintf(&text, " use_backend b%d if { src 172.16.%d.%d }\n", i, i/250, i%250)
	}
	for i := range n {
		fmt.Fprintf(&text, "backend b%d\n%s", i, bigLines(i*each, each))
	}
	return text.String()
}

func bigLines(from, n int) string {
	var text strings.Builder
	for i := from; i < from+n; i++ {
		fmt.Fprintf(&text, " server s%d 10.20.%d.%d:3128 check inter 5s fall 3\n", i, i/250, i%250+1)
	}
	return text.String()
}
