// Package s3store moves the messages of a queue to Amazon S3, or to anything that speaks its protocol, and back: boto's
// save_to_s3 and load_from_s3. Each message is an object named <account>/<queue>/<message id>, as boto named them.
//
//	client := s3.NewFromConfig(cfg)
//	...
//	_, err = s3store.Save(ctx, q, client, "my-bucket")
//	...
//	_, err = s3store.Load(ctx, q, client, "my-bucket")
//
// It is a package of its own because it is the only one that needs the S3 client of the AWS SDK. It imports package sqs.
package s3store
