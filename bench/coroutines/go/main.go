// Go's side: goroutines on one P (the script sets GOMAXPROCS=1). Answers the script's requests like the other programs.
package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"runtime"
	"sync"
	"syscall"
	"time"
)

const (
	sleepers = 100_000
	timers   = 1_000_000
)

var (
	count      int64
	operations = map[string]int64{}
)

type sample struct {
	operations int64
	cpu, wall  float64
	bytes      float64
}

func cpuTime() float64 {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err)
	}
	return float64(usage.Utime.Nano() + usage.Stime.Nano())
}

func once(work func(int64), n int64) sample {
	runtime.GC()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	cpu := cpuTime()
	begun := time.Now()
	work(n)
	wall := float64(time.Since(begun).Nanoseconds())
	cpu = cpuTime() - cpu
	runtime.ReadMemStats(&after)
	return sample{n, cpu, wall, float64(after.TotalAlloc - before.TotalAlloc)}
}

func timed(name string, work func(int64), milliseconds float64) sample {
	n, known := operations[name]
	if !known {
		n = 100
	}
	s := once(work, n)
	for s.wall < milliseconds*0.5e6 {
		factor := milliseconds * 1e6 / s.wall
		if factor < 2 {
			factor = 2
		} else if factor > 20 {
			factor = 20
		}
		n = int64(float64(n) * factor)
		s = once(work, n)
	}
	operations[name] = int64(float64(n)*milliseconds*1e6/s.wall) + 100
	return s
}

func plain(done *sync.WaitGroup) {
	count++
	done.Done()
}

func yields(done *sync.WaitGroup) {
	count++
	runtime.Gosched()
	done.Done()
}

func spawn(n int64, body func(*sync.WaitGroup)) {
	var done sync.WaitGroup
	for i := int64(0); i < n; i++ {
		done.Add(1)
		go body(&done)
		done.Wait()
	}
}

func yield(n int64) {
	for i := int64(0); i < n; i++ {
		runtime.Gosched()
	}
}

func yieldMany(n int64) {
	var done sync.WaitGroup
	done.Add(100)
	for i := 0; i < 100; i++ {
		go func() {
			yield(n / 100)
			done.Done()
		}()
	}
	done.Wait()
}

func addTimers(n int64) {
	for i := int64(0); i < n; i++ {
		time.AfterFunc(10*time.Second, func() { count++ }).Stop()
	}
}

func resetTimer(n int64) {
	timer := time.AfterFunc(time.Hour, func() { count++ })
	for i := int64(0); i < n; i++ {
		timer.Reset(10 * time.Second)
		timer.Stop()
	}
}

func scope(n int64) {
	for i := int64(0); i < n; i++ {
		_, cancel := context.WithCancel(context.Background())
		count++
		cancel()
	}
}

func moveOn(n int64) {
	for i := int64(0); i < n; i++ {
		_, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		count++
		cancel()
	}
}

func awaitDone(n int64) {
	done := make(chan int)
	close(done)
	for i := int64(0); i < n; i++ {
		count += int64(<-done)
	}
}

func future(n int64) {
	turns := [2]chan int{make(chan int, 1), make(chan int, 1)}
	turns[0] <- 1
	var done sync.WaitGroup
	done.Add(2)
	side := func(side int) {
		for i := int64(0); i < n/2; i++ {
			count += int64(<-turns[side])
			turns[side] = make(chan int, 1)
			turns[1-side] <- 1
		}
		done.Done()
	}
	go side(0)
	go side(1)
	done.Wait()
}

func group(n int64) {
	for i := int64(0); i < n; i++ {
		var done sync.WaitGroup
		done.Add(10)
		for child := 0; child < 10; child++ {
			go plain(&done)
		}
		done.Wait()
	}
}

func sleep(n int64, spread bool) {
	var done sync.WaitGroup
	done.Add(int(n))
	for i := int64(0); i < n; i++ {
		delay := time.Second
		if spread {
			delay = time.Duration(500+i*7919%1000) * time.Millisecond
		}
		go func() {
			time.Sleep(delay)
			count++
			done.Done()
		}()
	}
	done.Wait()
}

func millionTimers(n int64) {
	pending := make([]*time.Timer, n)
	for i := range pending {
		pending[i] = time.AfterFunc(time.Duration(100+int64(i)*7919%1000)*time.Second, func() { count++ })
	}
	for _, timer := range pending {
		timer.Stop()
	}
}

// Live bytes of heap and stacks with that many goroutines blocked, less those without.
func held(body func(stop chan struct{})) sample {
	live := func() float64 {
		var stats runtime.MemStats
		runtime.GC()
		runtime.GC()
		runtime.ReadMemStats(&stats)
		return float64(stats.HeapAlloc + stats.StackInuse)
	}
	stop := make(chan struct{})
	before := live()
	for i := 0; i < sleepers; i++ {
		go body(stop)
		if i%100 == 99 {
			runtime.Gosched()
		}
	}
	runtime.Gosched()
	bytes := live() - before
	close(stop)
	return sample{sleepers, 0, 0, bytes}
}

func measure(name string, milliseconds float64) (sample, bool) {
	works := map[string]func(int64){
		"spawn":            func(n int64) { spawn(n, plain) },
		"spawn-yield":      func(n int64) { spawn(n, yields) },
		"spawn-task-yield": func(n int64) { spawn(n, yields) },
		"spawn-now":        func(n int64) { spawn(n, plain) },
		"yield":            yield,
		"yield-100":        yieldMany,
		"timer":            addTimers,
		"timer-reused":     resetTimer,
		"scope":            scope,
		"move-on":          moveOn,
		"await-done":       awaitDone,
		"future":           future,
		"group-10":         group,
		"rendezvous":       rendezvous,
		"buffered":         buffered,
		"select-2":         selectTwo,
		"lock":             lock,
		"lock-contended":   contend,
	}
	switch name {
	case "sleepers", "sleeping-flows":
		return once(func(n int64) { sleep(n, false) }, sleepers), true
	case "sleepers-spread":
		return once(func(n int64) { sleep(n, true) }, sleepers), true
	case "million-timers":
		return once(millionTimers, timers), true
	case "bytes-future":
		return held(func(stop chan struct{}) { <-stop }), true
	}
	work, known := works[name]
	if !known {
		return sample{}, false
	}
	return timed(name, work, milliseconds), true
}

func main() {
	requests := bufio.NewScanner(os.Stdin)
	for requests.Scan() {
		var name string
		var milliseconds float64
		if _, err := fmt.Sscan(requests.Text(), &name, &milliseconds); err != nil {
			panic(err)
		}
		s, known := measure(name, milliseconds)
		if !known {
			fmt.Printf("%s - - -\n", name)
			continue
		}
		n := float64(s.operations)
		fmt.Printf("%s %.3f %.3f %.4f\n", name, s.cpu/n, s.wall/n, s.bytes/n)
	}
}
