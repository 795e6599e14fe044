package main

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/seed-ab8b6914/spof/proxy/agent"
	"github.com/seed-ab8b6914/spof/proxy/builtin"
	"github.com/seed-ab8b6914/spof/scenarios/fault"
)

// newNode is the hidden command that runs on the nodes of a lab.
func newNode() *cobra.Command {
	node := &cobra.Command{Use: "node", Short: "the programs on the nodes of a lab", Hidden: true,
		PersistentPreRun: func(*cobra.Command, []string) {
			signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE) // after the lab is gone, writes give an error and the program ends in order
		},
	}
	node.AddCommand(newAgent(), newGuard())
	for name, run := range builtin.Programs() {
		node.AddCommand(newProgram(name, run))
	}
	return node
}

func newAgent() *cobra.Command {
	var name string
	var linger time.Duration
	cmd := &cobra.Command{
		Use:  "agent",
		Args: usageArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			// A signal ends the current work. The agent ends when its channel closes, after its processes.
			ctx, stop := signal.NotifyContext(cmd.Context(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
			defer stop()
			self, err := os.Executable()
			if err != nil {
				return err
			}
			err = agent.Serve(ctx, os.Stdin, os.Stdout, agent.Options{
				Node: name, Version: version, Self: self, Log: cmd.ErrOrStderr(), Executors: fault.Executors(),
			})
			select {
			case <-time.After(linger):
			case <-ctx.Done():
			}
			return err
		},
	}
	cmd.Flags().StringVar(&name, "name", "", "the node's name")
	cmd.Flags().DurationVar(&linger, "linger", 0, "how long the agent stays after everything on the node has ended")
	return cmd
}

func newProgram(name string, run builtin.Main) *cobra.Command {
	var config string
	cmd := &cobra.Command{
		Use:  name,
		Args: usageArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx, stop := signal.NotifyContext(cmd.Context(), syscall.SIGTERM)
			defer stop()
			text, err := os.ReadFile(config)
			if err != nil {
				return err
			}
			sockets, err := inherited()
			if err != nil {
				return err
			}
			builtin.Tune()
			return run(ctx, text, sockets, os.Stdout)
		},
	}
	cmd.Flags().StringVar(&config, "config", "", "configuration file (JSON)")
	return cmd
}

// inherited takes the listening sockets that the agent passes as file descriptors 3, 4, ... The first other descriptor ends the list.
func inherited() ([]net.Listener, error) {
	var sockets []net.Listener
	for fd := uintptr(3); ; fd++ {
		if listening, err := syscall.GetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_ACCEPTCONN); err != nil || listening != 1 {
			if err == nil || errors.Is(err, syscall.EBADF) || errors.Is(err, syscall.ENOTSOCK) {
				return sockets, nil
			}
			return nil, fmt.Errorf("file descriptor %d: %w", fd, err)
		}
		f := os.NewFile(fd, fmt.Sprintf("socket-%d", fd))
		l, err := net.FileListener(f)
		if err != nil {
			return nil, fmt.Errorf("file descriptor %d: %w", fd, err)
		}
		_ = f.Close() // FileListener duplicates the descriptor
		sockets = append(sockets, l)
	}
}
