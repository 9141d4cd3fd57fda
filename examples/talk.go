// talk ADDRESS!PORT - connect, send standard input, print what comes: a client in Go.
//
// As in: echo hello | go run examples/talk.go 10.99.0.1:7 (the tree is at $CATNET, or at /net).
//
// Go asks the kernel whether it can poll a file that os opens, finds that it can, and sets
// O_NONBLOCK: so a goroutine that waits for `data` costs no thread, and deadlines and Close work on it
// as on a net.Conn. On a ctl opened in that way a connect would not wait, and be told by the first
// Read or Write; so ctl is opened by syscall.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"
)

// A Conversation lives until both files are closed.
type Conversation struct {
	Ctl, Data *os.File
	dir       string
}

func dial(address string) (*Conversation, error) {
	root := os.Getenv("CATNET")
	if root == "" {
		root = "/net"
	}
	fd, err := syscall.Open(root+"/tcp/clone", syscall.O_RDWR|syscall.O_CLOEXEC, 0)
	if err != nil {
		return nil, &os.PathError{Op: "open", Path: root + "/tcp/clone", Err: err}
	}
	ctl := os.NewFile(uintptr(fd), "clone")
	number := make([]byte, 32)
	n, err := ctl.Read(number)
	if err != nil {
		return nil, err
	}
	c := &Conversation{Ctl: ctl, dir: root + "/tcp/" + strings.TrimSpace(string(number[:n]))}
	if c.Data, err = os.OpenFile(c.dir+"/data", os.O_RDWR, 0); err != nil {
		return nil, err
	}
	if _, err = ctl.WriteString("connect " + address); err != nil {
		return nil, c.why(err)
	}
	return c, nil
}

// why gives the words of the file err, which say more than an errno.
func (c *Conversation) why(err error) error {
	words, _ := os.ReadFile(c.dir + "/err")
	if len(words) == 0 {
		return err
	}
	return errors.New(strings.TrimSpace(string(words)))
}

// talk copies both ways at once; the end of one is not the end of the other.
func (c *Conversation) talk(in io.Reader, out io.Writer) error {
	go func() {
		if _, err := io.Copy(c.Data, in); err == nil {
			c.Ctl.WriteString("shutdown wr")
		}
	}()
	if _, err := io.Copy(out, c.Data); err != nil {
		return c.why(err)
	}
	return nil
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: talk ADDRESS!PORT   as in: talk 10.99.0.1:7")
		os.Exit(2)
	}
	c, err := dial(os.Args[1])
	if err == nil {
		err = c.talk(os.Stdin, os.Stdout)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "talk:", err)
		os.Exit(1)
	}
}
