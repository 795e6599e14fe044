package main

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

var _ = DescribeTable("the command that reproduces a run", func(f runFlags, args []string, want string) {
	Expect(f.command(args, "local", false)).To(Equal(want))
},
	Entry("names the runtime that auto chose", runFlags{runtime: "auto", topologies: []string{"single", "active-passive"}, trials: 2, retries: defaultRetries, seed: 7},
		[]string{"node-death"}, "spof run node-death -t single,active-passive -n 2 --seed 7 --runtime local"),
	Entry("quotes the names of files for a shell", runFlags{runtime: "local", topologies: []string{"it's ours.yaml"}, trials: 1, retries: defaultRetries, jobs: 2},
		[]string{"$(id).yaml"}, `spof run '$(id).yaml' -t 'it'\''s ours.yaml' -n 1 --seed 0 --runtime local -j 2`),
	Entry("has --retries 0", runFlags{runtime: "local", topologies: []string{"single"}, trials: 1},
		[]string{"steady"}, "spof run steady -t single -n 1 --seed 0 --retries 0 --runtime local"),
)
