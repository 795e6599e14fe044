package haproxy

import (
	"regexp"
	"strings"
)

// harmless are the directives of proxies that change no answer about a failover, by one word or two. no does not matter.
var harmless = phrases(`backlog; bind-process; capture cookie; capture request; capture response; clitcpka-cnt; clitcpka-idle; clitcpka-intvl;
	compression; compression algo; compression type; compression offload; compression direction; declare; description; email-alert from;
	email-alert level; email-alert mailers; email-alert myhostname; email-alert to; error-log-format; errorfile; errorfiles; errorloc; errorloc302;
	errorloc303; external-check path; filter compression; filter trace; http-after-response; http-check comment; http-check send-state; http-error;
	http-reuse; http-send-name-header; id; log; log-format; log-format-sd; log-tag; max-keep-alive-queue; option accept-invalid-http-request;
	option accept-invalid-http-response; option accept-unsafe-violations-in-http-request; option accept-unsafe-violations-in-http-response;
	option checkcache; option clitcpka; option contstats; option disable-h2-upgrade; option dontlog-normal; option dontlognull; option forwardfor;
	option forwarded; option h1-case-adjust-bogus-client; option h1-case-adjust-bogus-server; option http-buffer-request; option http-ignore-probes;
	option http-keep-alive; option http-no-delay; option http-pretend-keepalive; option http-restrict-req-hdr-names; option http-server-close;
	option http-use-htx; option http-use-proxy-header; option httpclose; option forceclose; option httplog; option httpslog;
	option independent-streams; option independant-streams; option idle-close-on-response; option log-health-checks; option log-separate-errors;
	option logasap; option nolinger; option originalto; option socket-stats; option splice-auto; option splice-request; option splice-response;
	option srvtcpka; option tcp-smart-accept; option tcp-smart-connect; option tcpka; option tcplog; source; stats admin; stats auth;
	stats hide-version; stats http-request; stats realm; stats refresh; stats scope; stats show-desc; stats show-legends; stats show-modules;
	stats show-node; stats socket; stats timeout; tcp-check comment; unique-id-format; unique-id-header; http-request add-header; http-request set-header;
	http-request del-header; http-request replace-header; http-request replace-value; http-request set-var; http-request set-var-fmt;
	http-request unset-var; http-request set-log-level; http-request capture; http-request set-path; http-request set-pathq; http-request set-uri;
	http-request set-query; http-request replace-path; http-request replace-pathq; http-request replace-uri; http-request add-acl;
	http-request del-acl; http-request set-map; http-request del-map; http-request set-method; http-request set-nice; http-request set-mark;
	http-request set-tos; http-request early-hint; http-request set-src; http-request set-src-port; http-request normalize-uri;
	http-request cache-use; http-request strict-mode; http-request sc-inc-gpc; http-request sc-inc-gpc0; http-request sc-inc-gpc1;
	http-request sc-set-gpt; http-request sc-set-gpt0; http-request sc-add-gpc; http-request track-sc0; http-request track-sc1;
	http-request track-sc2; http-request allow; http-request disable-l7-retry; http-response add-header; http-response set-header;
	http-response del-header; http-response replace-header; http-response replace-value; http-response set-var; http-response unset-var;
	http-response set-log-level; http-response capture; http-response cache-store; http-response set-status; http-response add-acl;
	http-response del-acl; http-response set-map; http-response del-map; http-response set-nice; http-response set-mark; http-response set-tos;
	http-response strict-mode; http-response allow; http-response track-sc0; http-response track-sc1; http-response track-sc2;
	http-response sc-inc-gpc0; http-response sc-inc-gpc1; http-response sc-set-gpt0; tcp-request connection; tcp-request session;
	tcp-response content; rate-limit`)

// answers are rules by which HAProxy answers, refuses or delays requests itself, whether servers live or not.
var answers = phrases(`http-request deny; http-request reject; http-request return; http-request redirect; http-request auth; http-request tarpit;
	http-request silent-drop; http-response deny; http-response return; http-response redirect; tcp-request content; redirect; http-response silent-drop`)

// changes are directives that may change an answer, with the reason.
var changes = map[string]string{
	"force-persist": "requests keep to a server that is down", "ignore-persist": "some requests do not keep to their server",
	"filter": "a filter may delay or refuse requests", "filter spoe": "requests wait for an agent", "filter bwlim-in": "it limits the rate",
	"filter bwlim-out": "it limits the rate", "filter fcgi-app": "an application serves the requests",
	"http-request do-resolve": "the address of the server comes from a resolver, for each request", "http-request set-dst": "requests go to another address",
	"http-request set-dst-port": "requests go to another port", "http-request set-timeout": "it changes timeout server or timeout tunnel",
	"http-request set-priority-class": "it changes the order in the queue", "http-request set-priority-offset": "it changes the order in the queue",
	"http-request use-service": "a program serves requests", "http-request wait-for-body": "requests wait", "http-request wait-for-handshake": "requests wait",
	"http-request send-spoe-group": "requests wait for an agent", "http-response wait-for-body": "answers wait",
	"load-server-state-from-file": "servers begin with the state of an earlier run", "server-state-file-name": "servers begin with the state of an earlier run",
	"monitor fail": "the page of monitor-uri fails on a condition", "option transparent": "connections go to the address that the client asked for", "persist rdp-cookie": "a cookie keeps users at a server",
	"rate-limit sessions": "connections above the rate wait", "srvtcpka-cnt": "open connections to a silent server end earlier",
	"srvtcpka-idle": "open connections to a silent server end earlier", "srvtcpka-intvl": "open connections to a silent server end earlier",
	"tcp-request inspect-delay": "connections may wait so long", "tcp-response inspect-delay": "answers may wait so long",
	"use-fcgi-app": "an application serves the requests", "use-server": "a rule chooses the server", "grace": "a stop takes longer",
}

// ofServers matches a condition on the state of servers.
var ofServers = regexp.MustCompile(`\b(nbsrv|srv_is_up|connslots|avg_queue|queue|be_conn|be_conn_free|be_sess_rate|be_id|srv_conn|srv_conn_free|srv_queue|srv_sess_rate|srv_id|srv_iweight|srv_uweight|srv_weight)\b`)

// phrases gives the texts between semicolons.
func phrases(text string) map[string]bool {
	all := map[string]bool{}
	for p := range strings.SplitSeq(text, ";") {
		all[strings.Join(strings.Fields(p), " ")] = true
	}
	return all
}

// judge notes what a line of a proxy means for the answers. A condition on the state of servers may change them in any directive.
func (r *reader) judge(d *draft, s statement, modelled bool) {
	if s.Name() == "no" || s.Name() == "default" {
		s.Words = s.Words[min(1, len(s.Words)-1):]
	}
	name := key(s)
	text := joined(s.Args())
	switch why, may := changes[name]; {
	case conditional(s) && ofServers.MatchString(text):
		r.unknown(s, true, "it depends on the state of servers, which spof does not evaluate")
	case answers[name] || answers[withoutParenthesis(name)]:
		d.Redirect = given(true, s.At())
		r.unknown(s, false, "HAProxy answers or refuses such requests itself, whether servers live or not")
	case strings.HasPrefix(s.Arg(0).Text, "lua."):
		r.unknown(s, true, "a program may do anything")
	case modelled:
	case may:
		r.unknown(s, true, why)
	case harmless[name], harmless[withoutParenthesis(name)], harmless[s.Name()] && name != "rate-limit sessions":
		r.unknown(s, false, "it has no part in a failover")
	default:
		r.unlisted(s, "a proxy")
	}
}

// conditional tells whether a line has a condition.
func conditional(s statement) bool {
	if s.Name() == "acl" {
		return true
	}
	for _, w := range s.Args() {
		if w.Text == "if" || w.Text == "unless" {
			return true
		}
	}
	return false
}

// withoutParenthesis gives the name of a rule with arguments: set-var(txn.a) is set-var.
func withoutParenthesis(name string) string {
	name, _, _ = strings.Cut(name, "(")
	return name
}
