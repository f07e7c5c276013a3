package main

import (
	"runtime"
	"sync"
)

func rendezvous(n int64) {
	there, back := make(chan int64), make(chan int64)
	go func() {
		for i := int64(0); i < n; i++ {
			back <- <-there
		}
	}()
	for i := int64(0); i < n; i++ {
		there <- i
		count += <-back
	}
}

func buffered(n int64) {
	channel := make(chan int64, 128)
	go func() {
		for i := int64(0); i < n; i++ {
			channel <- i
		}
	}()
	for i := int64(0); i < n; i++ {
		count += <-channel
	}
}

func selectTwo(n int64) {
	first, second := make(chan int64), make(chan int64)
	go func() {
		for i := int64(0); i < n; i++ {
			if i&1 == 0 {
				first <- i
			} else {
				second <- i
			}
		}
	}()
	for i := int64(0); i < n; i++ {
		select {
		case got := <-first:
			count += got
		case got := <-second:
			count += got
		}
	}
}

func lock(n int64) {
	var gate sync.Mutex
	for i := int64(0); i < n; i++ {
		gate.Lock()
		count++
		gate.Unlock()
	}
}

func contend(n int64) {
	var gate sync.Mutex
	var done sync.WaitGroup
	done.Add(10)
	for i := 0; i < 10; i++ {
		go func() {
			for j := int64(0); j < n/10; j++ {
				gate.Lock()
				count++
				runtime.Gosched()
				gate.Unlock()
			}
			done.Done()
		}()
	}
	done.Wait()
}
