package haproxy_test

import (
	"fmt"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// sound is a file without a finding; @ takes a line of a spec.
const sound = `defaults
 mode http
 option redispatch
 timeout connect 4s
 timeout client 30s
 timeout server 30s
 timeout check 2s
listen a
 bind :80
 option httpchk
 default-server check inter 3s
 server s 10.0.0.1:80
 server t 10.0.0.2:80
 @
`

var _ = DescribeTable("a rule finds", func(old, now string, want ...string) {
	Expect(read(strings.Replace(sound, "@", "", 1)).Lint()).To(BeEmpty())
	text := strings.Replace(sound, "@", now, 1)
	if old != "@" {
		Expect(sound).To(ContainSubstring(old))
		text = strings.Replace(strings.Replace(sound, old, now, 1), "@", "", 1)
	}
	var codes []string
	for _, f := range read(text).Lint() {
		codes = append(codes, fmt.Sprintf("%d:%d %s", f.At.Line, f.At.Col, f.Code))
		Expect(f.Why).NotTo(BeEmpty())
		Expect(f.Cure).NotTo(BeEmpty())
	}
	Expect(codes).To(Equal(want))
},
	Entry("servers that nothing checks", " default-server check inter 3s", " default-server inter 3s", "12:9 no-server-check"),
	Entry("one server that nothing checks", "10.0.0.2:80", "10.0.0.2:80 no-check", "13:9 no-server-check"),
	Entry("a check that only connects", " option httpchk\n", "", "10:17 hang-undetected", "7:16 check-timeout-unused"),
	Entry("a check of another port", "10.0.0.2:80", "10.0.0.2:80 port 81", "11:17 check-elsewhere"),
	Entry("a long timeout check", "timeout check 2s", "timeout check 5s", "7:16 check-timeout-long"),
	Entry("a long timeout check that no check uses", " option httpchk\n", " timeout check 5s\n", "11:17 hang-undetected", "10:16 check-timeout-unused"),
	Entry("no redispatch", " option redispatch\n", "", "11:9 no-redispatch"),
	Entry("redispatch taken back", "@", "no option redispatch", "14:2 no-redispatch"),
	Entry("no retries", "@", "retries 0", "14:10 no-retries"),
	Entry("a hash that chooses the dead server again", "@", "balance source", "14:10 same-server-again"),
	Entry("one server", " server t 10.0.0.2:80\n", "", "12:9 single-server"),
	Entry("backups of which one serves", "@", "server u 10.0.0.3:80 backup\n server v 10.0.0.4:80 backup", "15:23 one-backup-serves"),
	Entry("a name twice", "@", "server s 10.0.0.3:80", "14:9 server-name-twice"),
	Entry("a name that must resolve", "10.0.0.2:80", "t.example:80", "13:9 name-at-start"),
	Entry("a name that is resolved once", "10.0.0.2:80", "t.example:80 init-addr libc,none", "13:9 name-once"),
	Entry("a missing timeout", " timeout client 30s\n", "", "7:1 no-timeout"),
	Entry("a backend that does not exist", "@", "use_backend b if TRUE", "14:14 unknown-backend"),
	Entry("a backend that nothing uses", "@", "\nbackend b\n option httpchk\n server s 10.0.0.1:80 check\n server t 10.0.0.1:81 check", "15:1 unused-backend"),
)

var _ = DescribeTable("no rule finds anything in", func(now string) {
	Expect(read(strings.Replace(sound, "@", now, 1)).Lint()).To(BeEmpty())
},
	Entry("a consistent hash", "balance source\n hash-type consistent"),
	Entry("backups that all serve", "option allbackups\n server u 10.0.0.3:80 backup\n server v 10.0.0.4:80 backup"),
	Entry("a name with resolvers", "server u u.example:80 init-addr last,libc,none resolvers r\nresolvers r\n nameserver n 10.0.0.53:53"),
	Entry("a computed backend", "use_backend %[path]\nbackend b\n option httpchk\n server s 10.0.0.1:80 check\n server t 10.0.0.1:81 check"),
	Entry("statistics", "\nlisten numbers\n bind :81\n stats enable"),
	Entry("a disabled section", "\nbackend b\n disabled\n server s 10.0.0.1:80"),
	Entry("a tracked server", "server u 10.0.0.3:80 no-check track a/s"),
)
