// Command fetch gets a page through a proxy and prints its status. It retries for some time.
package main

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"time"
)

func main() {
	proxy, err := url.Parse(os.Args[1])
	if err != nil {
		panic(err)
	}
	client := http.Client{Timeout: time.Second, Transport: &http.Transport{Proxy: http.ProxyURL(proxy)}}
	for range 20 {
		var r *http.Response
		if r, err = client.Get(os.Args[2]); err == nil {
			fmt.Println(r.Status)
			return
		}
		time.Sleep(200 * time.Millisecond)
	}
	fmt.Println(err)
	os.Exit(1)
}
