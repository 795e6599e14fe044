package keepalived

import (
	"strings"

	"github.com/seed-ab8b6914/spof/proxy/engine/configtext"
)

// note is what the model says of a directive that it does not have.
type note struct {
	mayChange bool
	why       string
}

// notes gives one note to several directives.
func notes(mayChange bool, why, names string) map[string]note {
	into := map[string]note{}
	for _, name := range strings.Fields(names) {
		into[name] = note{mayChange, why}
	}
	return into
}

// others are the directives of keepalived 2.2.7 that the model does not have, by their block; "" is outside of blocks.
var others = map[string]map[string]note{
	"": joined(
		notes(true, "LVS (virtual_server) is not modelled: its checks and balancing have no part in a prediction",
			"virtual_server virtual_server_group SSL"),
		notes(true, "the model has no BFD", "bfd_instance"),
		notes(true, "link changes are seen later", "interface_up_down_delays linkbeat_use_polling linkbeat_interfaces"),
		notes(true, "keepalived works in another network namespace", "net_namespace net_namespace_ipvs"),
		notes(true, "it delays gratuitous ARP", "garp_group"),
		notes(false, "it has no part in the election", "track_group static_ipaddress static_routes static_rules"),
		notes(false, "it names files and instances", "use_pid_dir instance namespace_with_ipsets child_wait_time"),
	),
	"global_defs": joined(
		notes(false, "mail has no part in the election", `notification_email notification_email_from smtp_server smtp_helo_name
			smtp_connect_timeout no_email_faults smtp_alert smtp_alert_vrrp smtp_alert_checker no_checker_emails`),
		notes(false, "it names processes", `process_names process_name vrrp_process_name checker_process_name lvs_process_name
			bfd_process_name`),
		notes(false, "monitoring has no part in the election", `snmp_socket enable_traps enable_snmp_vrrp enable_snmp_keepalived
			enable_snmp_rfc enable_snmp_rfcv2 enable_snmp_rfcv3 enable_snmp_checker enable_dbus dbus_service_name notify_fifo_script
			vrrp_notify_fifo_script vrrp_notify_priority_changes fifo_write_vrrp_states_on_reload log_unknown_vrids`),
		notes(false, "LVS has no part in the election", `lvs_timeouts lvs_flush lvs_flush_on_stop lvs_flush_onstop lvs_sync_daemon
			lvs_notify_fifo lvs_notify_fifo_script checker_log_all_failures rs_init_notifies nftables_ipvs nftables_ipvs_priority
			nftables_ipvs_start_fwmark nftables_counters lvs_netlink_cmd_rcv_bufs lvs_netlink_cmd_rcv_bufs_force lvs_netlink_monitor_rcv_bufs
			lvs_netlink_monitor_rcv_bufs_force`),
		notes(false, "scheduling matters on an overloaded node only", `vrrp_priority vrrp_no_swap vrrp_rt_priority vrrp_cpu_affinity
			vrrp_rlimit_rttime vrrp_rlimit_rtime checker_priority checker_no_swap checker_rt_priority checker_cpu_affinity checker_rlimit_rttime
			checker_rlimit_rtime bfd_priority bfd_no_swap bfd_rt_priority bfd_cpu_affinity bfd_rlimit_rttime bfd_rlimit_rtime min_auto_priority_delay`),
		notes(false, "buffers matter with many instances only", `vrrp_netlink_cmd_rcv_bufs vrrp_netlink_cmd_rcv_bufs_force
			vrrp_netlink_monitor_rcv_bufs vrrp_netlink_monitor_rcv_bufs_force process_monitor_rcv_bufs process_monitor_rcv_bufs_force
			vrrp_rx_bufs_policy vrrp_rx_bufs_multiplier`),
		notes(false, "it has no part in the election", `default_interface disable_local_igmp vrrp_mcast_group6 vrrp_garp_extra_if
			vrrp_vmac_garp_intvl vmac_prefix vmac_addr_prefix umask random_seed reload_check_config reload_time_file reload_repeat reload_file
			include_check config_save_dir tmp_config_directory data_use_instance vrrp_ipsets nftables_priority nftables_ifindex`),
		notes(true, "the model sends and takes all advertisements", `vrrp_check_unicast_src vrrp_skip_check_adv_addr vrrp_min_garp`),
		notes(true, "the script may change the node", "startup_script shutdown_script startup_script_timeout shutdown_script_timeout"),
	),
	"vrrp_instance": joined(
		notes(true, "the model sends and takes all advertisements", `unicast_fault_no_peer check_unicast_src old_unicast_checksum
			mcast_dst_ip unicast_ttl skip_check_adv_addr vrf kernel_rx_buf_size`),
		notes(true, "the instance goes to FAULT without its source address, which the model does not have", "track_src_ip"),
		notes(true, "link changes are seen later", "linkbeat_use_polling"),
		notes(false, "it says how the address is carried, not by whom", `use_vmac_addr vmac_xmit_base use_ipvlan promote_secondaries
			garp_extra_if vmac_garp_intvl`),
		notes(false, "it has no part in the election", "debug lvs_sync_daemon_interface notify_priority_changes"),
	),
	"vrrp_sync_group":    notes(false, "it has no part in the election", "notify_priority_changes"),
	"vrrp_track_process": notes(true, "the model tells processes by name only", "param_match full_command"),
	"track_file":         notes(true, "the model takes the file for 0", "init_file"),
}

func joined(all ...map[string]note) map[string]note {
	into := map[string]note{}
	for _, one := range all {
		for name, n := range one {
			into[name] = n
		}
	}
	return into
}

// other records a directive of a block that the model does not have.
func (r *reader) other(block string, s configtext.Statement) {
	if n, listed := others[block][s.Name()]; listed {
		r.unknown(s, n.mayChange, n.why)
		return
	}
	why := "keepalived 2.2.7 does not have it here: it is of a newer version, or keepalived ignores the line"
	if s.HasBlock && block != "" {
		why = "keepalived 2.2.7 does not have it here, and takes the } of its block for the end of " + block + ": what follows is lost"
	}
	r.c.Unknown = append(r.c.Unknown, configtext.Unknown{Text: s.Line(), At: s.At(), MayChange: true, Why: why, Unlisted: true})
}
