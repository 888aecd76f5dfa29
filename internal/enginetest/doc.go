// Package enginetest holds the engine against a naive model of a queue: random operations, several at once, with
// restarts and power failures at random moments. It has nothing but tests. `make meta` runs them for as long as one
// likes, and `make selftest` proves that they find faults that were planted.
//
//	model_test.go    the model: lists of messages, and rules as the manual has them
//	receive_test.go  the model's rules of a receive
//	ops_test.go      the operations, drawn at random
//	steps_test.go    the runner: operations, passing of time, restarts, crashes
//	order_test.go    in which orders what was done at once can have happened
//	moves_test.go    message move tasks: the model, and the operations
//	disk_test.go     what a crash left, compared with the model and recounted
package enginetest
