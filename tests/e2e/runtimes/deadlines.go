// deadlines ADDRESS ECHO_PORT - what Go's own waiting makes of the files: poll and O_NONBLOCK set
// behind the program's back. Prints "ok NAME" or "FAILED NAME reason" for each claim.
package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/pprof"
	"strings"
	"sync"
	"syscall"
	"time"
)

var failed bool

func claim(name string, err error) {
	if err == nil {
		fmt.Println("ok", name)
		return
	}
	fmt.Println("FAILED", name, err)
	failed = true
}

func expect(what string, good bool, got ...interface{}) error {
	if good {
		return nil
	}
	return fmt.Errorf("%s: %v", what, got)
}

func open(path string) *os.File {
	f, err := os.OpenFile(os.Getenv("CATNET")+path, os.O_RDWR, 0)
	if err != nil {
		fmt.Println("FAILED open", err)
		os.Exit(1)
	}
	return f
}

func order(ctl *os.File, words string) error {
	_, err := ctl.WriteString(words)
	if errors.Is(err, syscall.EINPROGRESS) {
		return nil
	}
	return err
}

// conversation gives the ctl, the data and the directory of a new one.
func conversation() (ctl, data *os.File, dir string) {
	ctl = open("/tcp/clone")
	number := make([]byte, 32)
	n, _ := ctl.Read(number)
	dir = "/tcp/" + strings.TrimSpace(string(number[:n]))
	return ctl, open(dir + "/data"), dir
}

func aDeadlineEndsARead(address string) error {
	ctl, data, _ := conversation()
	defer ctl.Close()
	defer data.Close()
	order(ctl, "connect "+address)
	data.SetReadDeadline(time.Now().Add(200 * time.Millisecond))
	begin := time.Now()
	_, err := data.Read(make([]byte, 1))
	took := time.Since(begin)
	return expect("read", errors.Is(err, os.ErrDeadlineExceeded) && took > 150*time.Millisecond &&
		took < 2*time.Second, err, took)
}

func afterADeadlineTheReadGoesOn(address string) error {
	ctl, data, _ := conversation()
	defer ctl.Close()
	defer data.Close()
	order(ctl, "connect "+address)
	data.SetReadDeadline(time.Now().Add(10 * time.Millisecond))
	data.Read(make([]byte, 1))
	data.SetReadDeadline(time.Time{})
	data.WriteString("late")
	got := make([]byte, 4)
	_, err := io.ReadFull(data, got)
	return expect("read", err == nil && string(got) == "late", err, got)
}

func closeWakesAReader(address string) error {
	ctl, data, _ := conversation()
	defer ctl.Close()
	order(ctl, "connect "+address)
	result := make(chan error)
	go func() {
		_, err := data.Read(make([]byte, 1))
		result <- err
	}()
	time.Sleep(100 * time.Millisecond)
	data.Close()
	select {
	case err := <-result:
		return expect("read", errors.Is(err, os.ErrClosed), err)
	case <-time.After(5 * time.Second):
		return errors.New("it still waits after 5 s")
	}
}

func aRefusalIsToldByTheFirstRead(address string) error {
	ctl, data, _ := conversation()
	defer ctl.Close()
	defer data.Close()
	order(ctl, "connect "+address)
	_, err := data.Read(make([]byte, 1))
	return expect("read", errors.Is(err, syscall.ECONNREFUSED), err)
}

func echo(address string, sent []byte) error {
	ctl, data, _ := conversation()
	defer ctl.Close()
	defer data.Close()
	if err := order(ctl, "connect "+address); err != nil {
		return err
	}
	go data.Write(sent)
	got := make([]byte, len(sent))
	if _, err := io.ReadFull(data, got); err != nil {
		return err
	}
	return expect("equality", bytes.Equal(sent, got))
}

func aHundredGoroutinesTalkAtOnce(address string) error {
	var all sync.WaitGroup
	errs := make(chan error, 100)
	for i := 0; i < 100; i++ {
		all.Add(1)
		go func(i int) {
			defer all.Done()
			errs <- echo(address, bytes.Repeat([]byte{byte(i)}, 50000))
		}(i)
	}
	all.Wait()
	close(errs)
	for err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// A read that keeps a thread would need 200 of them.
func whoWaitsCostsNoThread(address string) error {
	for i := 0; i < 200; i++ {
		ctl, data, _ := conversation()
		defer ctl.Close()
		defer data.Close()
		order(ctl, "connect "+address)
		go data.Read(make([]byte, 1))
	}
	time.Sleep(200 * time.Millisecond)
	threads := pprof.Lookup("threadcreate").Count()
	return expect("threads", threads < 100, threads)
}

func acceptIsWaitedForWithADeadline(string) error {
	ctl, data, dir := conversation()
	defer ctl.Close()
	defer data.Close()
	if err := order(ctl, "announce 7401"); err != nil {
		return err
	}
	accept, err := os.Open(os.Getenv("CATNET") + dir + "/accept")
	if err != nil {
		return err
	}
	defer accept.Close()
	line := make([]byte, 100)
	accept.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
	_, err = accept.Read(line)
	if !errors.Is(err, os.ErrDeadlineExceeded) {
		return expect("a read without a call", false, err)
	}
	accept.SetReadDeadline(time.Now().Add(5 * time.Second))
	caller, callers, _ := conversation()
	defer caller.Close()
	defer callers.Close()
	order(caller, "connect 127.0.0.1!7401")
	n, err := accept.Read(line)
	return expect("a read with one", err == nil && strings.Contains(string(line[:n]), " 127.0.0.1!"),
		err, string(line[:n]))
}

func main() {
	address := os.Args[1] + "!" + os.Args[2]
	claim("a deadline ends a read that waits", aDeadlineEndsARead(address))
	claim("after a deadline the read goes on", afterADeadlineTheReadGoesOn(address))
	claim("Close wakes a reader that waits", closeWakesAReader(address))
	claim("a refusal is told by the first read", aRefusalIsToldByTheFirstRead(os.Args[1]+"!99"))
	claim("a hundred goroutines talk at once", aHundredGoroutinesTalkAtOnce(address))
	claim("who waits costs no thread", whoWaitsCostsNoThread(address))
	claim("accept is waited for with a deadline", acceptIsWaitedForWithADeadline(address))
	if failed {
		os.Exit(1)
	}
}
