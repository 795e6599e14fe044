package squid

import (
	"strings"

	"github.com/seed-ab8b6914/spof/proxy/engine/configtext"
)

// words gives a set of names.
func words(names string) map[string]bool {
	into := map[string]bool{}
	for _, name := range strings.Fields(names) {
		into[name] = true
	}
	return into
}

// changing are directives of Squid 5.7 that the model does not have and that may change a prediction, by the reason.
var changing = []struct {
	why   string
	names map[string]bool
}{
	{"several processes share the work", words("workers cpu_affinity_map hopeless_kid_revival_delay shared_memory_locking memory_cache_shared")},
	{"the program can fail, and requests wait for it", words(`external_acl_type url_rewrite_program redirect_program url_rewrite_access redirector_access
		url_rewrite_bypass redirector_bypass url_rewrite_timeout store_id_program storeurl_rewrite_program store_id_access storeurl_rewrite_access
		store_id_bypass storeurl_rewrite_bypass icap_enable icap_service icap_class icap_access icap_connect_timeout icap_io_timeout
		icap_service_failure_limit icap_service_revival_delay icap_retry icap_retry_limit ecap_enable ecap_service loadable_modules
		adaptation_service_set adaptation_service_chain adaptation_access adaptation_service_iteration_limit ident_lookup_access ident_timeout
		sslcrtd_program sslcrtvalidator_program`)},
	{"it decides who may use Squid or its peers", words(`icp_access htcp_access htcp_clr_access miss_access adapted_http_access http_access2
		proxy_protocol_access follow_x_forwarded_for spoof_client_ip http_reply_access client_ip_max_connections reply_body_max_size`)},
	{"it changes when a peer is asked or given up", words(`neighbor_type_domain icp_query_timeout maximum_icp_query_timeout minimum_icp_query_timeout
		mcast_icp_query_timeout background_ping_rate query_icmp test_reachability minimum_direct_hops minimum_direct_rtt pinger_enable
		digest_generation server_persistent_connections persistent_connection_after_error detect_broken_pconn pconn_lifetime
		server_pconn_for_nonretriable happy_eyeballs_connect_timeout happy_eyeballs_connect_gap happy_eyeballs_connect_limit`)},
	{"it changes how requests reach the origin", words(`ssl_bump sslproxy_cert_error tcp_outgoing_address tls_outgoing_options on_unsupported_protocol
		offline_mode collapsed_forwarding collapsed_forwarding_access client_dst_passthru host_verify_strict tcp_outgoing_mark tcp_outgoing_tos
		tcp_outgoing_ds tcp_outgoing_dscp`)},
	{"it changes how long a name or a failure is kept", words(`positive_dns_ttl negative_dns_ttl negative_ttl dns_retransmit_interval append_domain
		dns_defnames ignore_unknown_nameservers dns_multicast_local`)},
	{"it limits load or time", words(`delay_pools delay_class delay_access delay_parameters client_delay_pools client_delay_parameters client_delay_access
		response_delay_pool response_delay_pool_access max_filedescriptors max_filedesc client_lifetime half_closed_clients quick_abort_min
		quick_abort_max quick_abort_pct client_persistent_connections pipeline_prefetch ftp_client_idle_timeout sleep_after_fork`)},
	{"routers send users by WCCP, which is not modelled", words(`wccp_router wccp2_router wccp_version wccp2_rebuild_wait wccp2_forwarding_method
		wccp2_return_method wccp2_assignment_method wccp2_service wccp2_service_info wccp2_weight wccp_address wccp2_address`)},
	{"Squid looks for its files in another place", words("chroot")},
}

// harmless are directives of Squid 5.7 that do not change who serves, and when.
var harmless = words(`broken_vary_encoding cache_vary error_map external_refresh_check location_rewrite_program location_rewrite_access
	location_rewrite_children location_rewrite_concurrency refresh_stale_hit dns_v4_first cache_peer_domain cache_host_domain ie_refresh
	sslproxy_cafile sslproxy_capath sslproxy_cipher sslproxy_client_certificate sslproxy_client_key sslproxy_flags sslproxy_options
	sslproxy_version hierarchy_stoplist log_access log_icap ignore_ims_on_miss balance_on_multiple_ip chunked_request_body_max_size
	dns_v4_fallback emulate_httpd_log forward_log ftp_list_width ignore_expect_100 log_fqdn log_ip_on_direct maximum_single_addr_tries
	referer_log referrer_log update_headers url_rewrite_concurrency useragent_log dns_testnames extension_methods zero_buffers
	incoming_rate server_http11 upgrade_http0.9 zph_local zph_mode zph_option zph_parent zph_sibling header_access
	httpd_accel_no_pmtu_disc wais_relay_host wais_relay_port authenticate_cache_garbage_interval authenticate_ttl authenticate_ip_ttl
	acl_uses_indirect_client delay_pool_uses_indirect_client log_uses_indirect_client tproxy_uses_indirect_client auth_schemes
	clientside_tos mark_client_packet clientside_mark mark_client_connection qos_flows ssl_unclean_shutdown ssl_engine
	sslproxy_session_ttl sslproxy_session_cache_size sslproxy_foreign_intermediate_certs sslproxy_cert_sign_hash sslproxy_cert_sign
	sslproxy_cert_adapt sslpassword_program sslcrtd_children sslcrtvalidator_children maximum_object_size_in_memory memory_cache_mode
	memory_replacement_policy cache_replacement_policy minimum_object_size maximum_object_size store_dir_select_algorithm
	max_open_disk_fds cache_swap_low cache_swap_high logformat access_log cache_access_log icap_log logfile_daemon stats_collection
	cache_store_log cache_swap_state cache_swap_log logfile_rotate mime_table log_mime_hdrs pid_filename client_netmask
	strip_query_terms buffered_logs netdb_filename cache_log debug_options coredump_dir ftp_user ftp_passive ftp_epsv_all ftp_epsv
	ftp_eprt ftp_sanitycheck ftp_telnet_protocol diskd_program unlinkd_program pinger_program url_rewrite_children redirect_children
	url_rewrite_host_header redirect_rewrites_host_header url_rewrite_extras store_id_extras store_id_children
	storeurl_rewrite_children cache no_cache send_hit store_miss max_stale refresh_pattern read_ahead_gap range_offset_limit
	minimum_expiry_time store_avg_object_size store_objects_per_bucket request_header_max_size reply_header_max_size
	request_body_max_size client_request_buffer_max_size broken_posts adaptation_uses_indirect_client icap_uses_indirect_client via
	vary_ignore_expire request_entities request_header_access reply_header_access request_header_replace header_replace
	reply_header_replace request_header_add reply_header_add note relaxed_header_parser shared_transient_entries_limit
	collapsed_forwarding_shared_entries_limit cache_mgr mail_from mail_program cache_effective_user cache_effective_group
	httpd_suppress_version_string unique_hostname hostname_aliases umask announce_period announce_host announce_file announce_port
	httpd_accel_surrogate_id http_accel_surrogate_remote esi_parser delay_initial_bucket_level client_delay_initial_bucket_level
	digest_bits_per_entry digest_rebuild_period digest_rewrite_period digest_swapout_chunk_size digest_rebuild_chunk_percentage
	snmp_port snmp_access snmp_incoming_address snmp_outgoing_address log_icp_queries udp_incoming_address udp_outgoing_address
	icp_hit_stale netdb_low netdb_high netdb_ping_period mcast_groups mcast_miss_addr mcast_miss_ttl mcast_miss_port
	mcast_miss_encode_key icon_directory global_internal_static short_icon_urls error_directory error_default_language
	error_log_languages err_page_stylesheet err_html_text email_err_data deny_info cache_miss_revalidate incoming_udp_average
	incoming_icp_average incoming_tcp_average incoming_http_average incoming_dns_average min_udp_poll_cnt min_icp_poll_cnt
	min_dns_poll_cnt min_tcp_poll_cnt min_http_poll_cnt accept_filter tcp_recv_bufsize icap_preview_enable icap_preview_size
	icap_206_enable icap_default_options_ttl icap_persistent_connections adaptation_send_client_ip icap_send_client_ip
	adaptation_send_username icap_send_client_username icap_client_username_header icap_client_username_encode
	adaptation_masterx_shared_names adaptation_meta check_hostnames allow_underscore dns_packet_max ipcache_size ipcache_low
	ipcache_high fqdncache_size configuration_includes_quoted_values memory_pools memory_pools_limit forwarded_for cachemgr_passwd
	client_db refresh_all_ims reload_into_ims as_whois_server uri_whitespace high_response_time_warning high_page_fault_warning
	high_memory_warning windows_ipaddrchangemonitor eui_lookup force_request_body_continuation http_upgrade_request_protocols`)

// other records a directive that the model does not have.
func (r *reader) other(s configtext.Statement) {
	for _, group := range changing {
		if group.names[s.Name()] {
			r.unknown(s, true, group.why)
			return
		}
	}
	if harmless[s.Name()] {
		r.unknown(s, false, "it does not change who serves, and when")
		return
	}
	r.c.Unknown = append(r.c.Unknown, configtext.Unknown{
		Text: s.Line(), At: s.At(), MayChange: true, Why: "Squid 5.7 does not have it, and does not start: it is of another version, or the word is wrong", Unlisted: true,
	})
}
