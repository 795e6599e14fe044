package nginx

import (
	"strings"

	"github.com/seed-ab8b6914/spof/proxy/engine/configtext"
)

// files are the directives that name a file, with what it is.
var files = map[string]string{"ssl_certificate": "certificate", "ssl_certificate_key": "key of a certificate", "ssl_trusted_certificate": "certificates of authorities",
	"ssl_client_certificate": "certificates of authorities", "ssl_dhparam": "parameters of TLS", "ssl_crl": "revoked certificates",
	"ssl_password_file": "passwords of keys", "ssl_session_ticket_key": "keys of TLS tickets", "ssl_stapling_file": "answer of OCSP",
	"proxy_ssl_certificate": "certificate", "proxy_ssl_certificate_key": "key of a certificate", "proxy_ssl_crl": "revoked certificates",
	"proxy_ssl_trusted_certificate": "certificates of authorities", "proxy_ssl_password_file": "passwords of keys",
	"auth_basic_user_file": "passwords", "js_import": "program", "js_include": "program", "xslt_stylesheet": "style of XML"}

// dataFiles are those whose relative paths begin at the prefix of the program.
var dataFiles = map[string]string{"load_module": "module", "root": "directory of pages", "alias": "directory of pages"}

// dataPrefix is that prefix on Debian.
const dataPrefix = "/usr/share/nginx"

// changes are directives that may change an answer, with the reason.
var changes = map[string]string{
	"if": "its condition is not evaluated", "limit_except": "its condition is not evaluated", "rewrite": "it may move requests to another location",
	"try_files": "files, or another location, may answer", "auth_request": "each request asks another service first",
	"limit_req": "requests above the rate wait or are refused", "limit_conn": "connections above the limit are refused",
	"proxy_cache": "the cache may answer while the servers are dead", "proxy_cache_use_stale": "the cache may answer while the servers are dead",
	"proxy_request_buffering": "a request whose body is under way is not passed to another server", "resolver": "names in variables are resolved again",
	"proxy_ignore_client_abort": "a request goes on without its user", "worker_shutdown_timeout": "a stop takes at most so long",
	"master_process": "nginx runs without workers", "fastcgi_pass": "another protocol, with timers of its own", "uwsgi_pass": "another protocol, with timers of its own",
	"scgi_pass": "another protocol, with timers of its own", "grpc_pass": "another protocol, with timers of its own", "memcached_pass": "another protocol, with timers of its own",
	"js_content": "a program answers", "js_access": "a program decides", "js_preread": "a program decides", "perl": "a program answers", "mail": "nginx also serves mail", "post_action": "another request follows each",
	"proxy_requests": "it ends sessions of UDP", "proxy_responses": "it ends sessions of UDP", "proxy_socket_keepalive": "open connections to a silent server end earlier",
	"proxy_half_close": "a half of a connection may stay open",
}

// families are the begins of directives that change no answer.
var families = strings.Fields(`gzip ssl_ http2_ client_ fastcgi_ uwsgi_ scgi_ grpc_ memcached_ proxy_ssl_ proxy_cookie_ proxy_cache_ proxy_headers_
	proxy_temp_ proxy_store proxy_pass_ proxy_hide_ proxy_send_ proxy_buffer proxy_busy_ proxy_max_ open_file_ open_log_ server_names_ server_name_
	types_ variables_ map_ limit_req_ limit_conn_ auth_basic auth_jwt keepalive_ lingering_ log_ geoip real_ip_ set_real_ referer_ secure_link
	ssi sub_filter userid xslt_ image_filter mp4 perl_ charset dav_ autoindex http3_ quic_ preread_ worker_ accept_mutex sendfile worker_rlimit_
	ancient_ modern_ js_ brotli resolver_ postpone_ msie_ thread_ upstream_conf dynamic_ more_ lua_`)

// harmless are other directives that change no answer.
var harmless = set(`absolute_redirect access_log add_after_body add_before_body add_header add_trailer addition_types aio aio_write alias allow
	auth_delay auth_request_set break chunked_transfer_encoding connection_pool_size create_full_put_path daemon debug_connection debug_points
	default_type deny directio directio_alignment disable_symlinks empty_gif env error_log error_page etag events expires flv geo google_perftools_profiles
	gunzip gunzip_buffers if_modified_since ignore_invalid_headers include index internal large_client_header_buffers max_headers limit_rate limit_rate_after
	load_module lock_file map max_ranges merge_slashes min_delete_depth mirror mirror_request_body multi_accept ntlm output_buffers override_charset
	pcre_jit port_in_redirect proxy_bind proxy_download_rate proxy_force_ranges proxy_http_version proxy_ignore_headers proxy_intercept_errors
	proxy_limit_rate proxy_method proxy_next_upstream proxy_next_upstream_tries proxy_next_upstream_timeout proxy_connect_timeout proxy_read_timeout
	proxy_no_cache proxy_protocol proxy_protocol_timeout proxy_redirect proxy_set_body proxy_set_header proxy_ssl proxy_timeout proxy_upload_rate
	random_index read_ahead recursive_error_pages request_pool_size reset_timedout_connection rewrite_log root satisfy send_lowat send_timeout
	server_tokens set slice source_charset split_clients ssl ssl_preread state status_zone stub_status tcp_nodelay tcp_nopush timer_resolution types
	underscores_in_headers uninitialized_variable_warn use user valid_referers working_directory match http2 protocol subrequest_output_buffer_size
	timeout api return`)

// timers are directives that settings reads.
var timers = set(`proxy_connect_timeout proxy_read_timeout proxy_send_timeout proxy_timeout proxy_next_upstream proxy_next_upstream_tries
	proxy_next_upstream_timeout proxy_protocol proxy_ssl proxy_http_version`)

func set(text string) map[string]bool {
	all := map[string]bool{}
	for w := range strings.FieldsSeq(text) {
		all[w] = true
	}
	return all
}

// judge notes the files of a directive, and what it means for the answers if it is not modelled.
func (r *reader) judge(s statement) {
	if what, ok := files[s.Name()]; ok {
		r.reference(what, Prefix, s.Arg(0))
	}
	if what, ok := dataFiles[s.Name()]; ok {
		r.reference(what, dataPrefix, s.Arg(0))
	}
	why, may := changes[s.Name()]
	switch {
	case timers[s.Name()]:
	case s.Name() == "error_page" && elsewhere(s):
		r.unknown(s, true, "another location may answer when the servers do not")
	case may:
		r.unknown(s, true, why)
	case harmless[s.Name()], family(s.Name()):
		r.unknown(s, false, "it has no part in a failover")
	default:
		r.unlisted(s, "this place")
	}
}

// elsewhere tells whether an error page is a location that may pass the request on.
func elsewhere(s statement) bool {
	return strings.HasPrefix(s.Words[len(s.Words)-1].Text, "@")
}

func family(name string) bool {
	for _, begin := range families {
		if strings.HasPrefix(name, begin) {
			return true
		}
	}
	return false
}

// unknown notes a directive that is not modelled.
func (r *reader) unknown(s statement, may bool, why string) {
	r.cfg.Unknown = append(r.cfg.Unknown, configtext.Unknown{Text: s.Line(), At: s.At(), MayChange: may, Why: why})
}

// unlisted notes a directive that nginx 1.22 does not have.
func (r *reader) unlisted(s statement, in string) {
	r.cfg.Unknown = append(r.cfg.Unknown, configtext.Unknown{Text: s.Line(), At: s.At(), MayChange: true, Unlisted: true,
		Why: "nginx 1.22 has no " + s.Name() + " in " + in})
}
