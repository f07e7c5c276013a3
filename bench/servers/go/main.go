// net/http as it comes: the peer in Go. Usage: go-hello ADDRESS:PORT
package main

import (
	"fmt"
	"net/http"
	"os"
)

var body = []byte("Hello, World!")

func main() {
	handler := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		header := w.Header()
		header.Set("Content-Type", "text/plain")
		header.Set("Content-Length", "13")
		w.Write(body)
	})
	if err := http.ListenAndServe(os.Args[1], handler); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
