package docker

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/network"
	"github.com/moby/moby/client"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/load"
	"github.com/seed-ab8b6914/spof/sim"
)

// benchEngine gives a prepared runtime and the ID of its image.
func benchEngine(b *testing.B) (*Runtime, string) {
	b.Helper()
	ctx := context.Background()
	if err := Configure(); err != nil {
		b.Fatal(err)
	}
	path, err := nodeProgram()
	if err != nil {
		b.Fatal(err)
	}
	r, err := New(Options{Binary: path})
	if err != nil {
		b.Fatal(err)
	}
	if err := r.Available(ctx); err != nil {
		b.Skip("needs a container engine: ", err)
	}
	if err := r.Prepare(ctx, pair(), func(string) {}); err != nil {
		b.Fatal(err)
	}
	return r, r.images[imageEngines]
}

// BenchmarkLabUp alternates between two measurements, so that other load on the machine affects both: it brings a lab of five nodes
// with real engines up, until every service listens, and it starts five idle containers of the same image with the engine's own
// client, on an existing network. It reports the medians and their ratio; down-ms is the removal of the lab.
func BenchmarkLabUp(b *testing.B) {
	r, image := benchEngine(b)
	ctx := context.Background()
	idle := &lab{id: newID(), engine: r.engine}
	b.Cleanup(func() { _, _ = remove(ctx, r.engine, idle.id) })
	net, err := r.engine.api.NetworkCreate(ctx, idle.lanName(), client.NetworkCreateOptions{
		Driver: "bridge", Internal: true, Labels: idle.labels(),
	})
	if err != nil {
		b.Fatal(err)
	}
	var ups, downs, idles []time.Duration
	for b.Loop() {
		start := time.Now()
		l, err := r.Deploy(ctx, pair(), func(string) {})
		if err == nil {
			_, err = sim.StartServices(ctx, l, pair(), nopHandler{}, start)
		}
		if err != nil {
			b.Fatal(err)
		}
		ups = append(ups, time.Since(start))

		b.StopTimer()
		start = time.Now()
		if err := l.Close(ctx); err != nil {
			b.Fatal(err)
		}
		downs = append(downs, time.Since(start))

		start = time.Now()
		startIdle(b, idle, image, net.ID)
		idles = append(idles, time.Since(start))
		removeIdle(b, idle)
		b.StartTimer()
	}
	b.ReportMetric(median(ups), "up-ms")
	b.ReportMetric(median(idles), "idle-ms")
	b.ReportMetric(median(ups)/median(idles), "up/idle")
	b.ReportMetric(median(downs), "down-ms")
}

// nopHandler discards events and samples.
type nopHandler struct{}

func (nopHandler) Event(proxy.Event)             {}
func (nopHandler) Samples(string, []load.Sample) {}

// median is in milliseconds.
func median(d []time.Duration) float64 {
	slices.Sort(d)
	return float64((d[(len(d)-1)/2] + d[len(d)/2]).Microseconds()) / 2000
}

// startIdle starts five idle containers, as many as pair has nodes.
func startIdle(b *testing.B, l *lab, image, net string) {
	ctx := context.Background()
	var wg sync.WaitGroup
	for i := range 5 {
		wg.Go(func() {
			c, err := l.engine.api.ContainerCreate(ctx, client.ContainerCreateOptions{
				Name:       l.containerName(fmt.Sprint(i)),
				Config:     &container.Config{Image: image, Entrypoint: []string{"/spof", "node", "agent"}, OpenStdin: true, Labels: l.labels()},
				HostConfig: &container.HostConfig{NetworkMode: container.NetworkMode(l.lanName())},
				NetworkingConfig: &network.NetworkingConfig{
					EndpointsConfig: map[string]*network.EndpointSettings{l.lanName(): {NetworkID: net}},
				},
			})
			if err == nil {
				_, err = l.engine.api.ContainerStart(ctx, c.ID, client.ContainerStartOptions{})
			}
			if err != nil {
				b.Error(err)
			}
		})
	}
	wg.Wait()
}

func removeIdle(b *testing.B, l *lab) {
	ctx := context.Background()
	cs, err := l.engine.api.ContainerList(ctx, client.ContainerListOptions{All: true, Filters: labelled(l.id)})
	if err != nil {
		b.Fatal(err)
	}
	_, err = each("container", cs.Items, containerTitle, func(c container.Summary) error {
		return removeContainer(ctx, l.engine, c.ID)
	})
	if err != nil {
		b.Fatal(err)
	}
}
