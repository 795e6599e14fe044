# A health check of this node, written by spof. keepalived starts one at every interval, so it is bash alone.
# usage: probe.sh TIMEOUT HOST PORT [URL AUTHORITY]
# It connects; with a URL it also asks for that and wants a whole header with a status below 500.
timeout=$1 host=$2 port=$3 url=$4 authority=$5

ask() {
	exec 3<>"/dev/tcp/$host/$port" || exit
	if [[ -n $url ]]; then
		printf 'GET %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n' "$url" "$authority" >&3
		IFS=' ' read -r version status _ <&3
		[[ $version == HTTP/1.[01] && ${status%$'\r'} == [1-4][0-9][0-9] ]] || exit
		while IFS= read -r line || exit; [[ $line != $'\r' ]]; do :; done <&3
	fi
	echo healthy
}

read -r -t "$timeout" answer < <(ask 2>/dev/null)
kill -KILL "$!" 2>/dev/null # it may still wait
[[ $answer == healthy ]]
