"""Has boto2 save a queue to S3 or load it from there, as its users did.

    boto2_s3.py ENDPOINT S3_ENDPOINT QUEUE BUCKET CLASS save|load

CLASS is a message class of boto, such as Message. The bucket is made if it is not there. It prints how many messages
were saved or loaded.
"""

import sys
from urllib.parse import urlsplit

import boto
from boto.s3.connection import OrdinaryCallingFormat

from boto2_read import connect, message_class


# moto reads the text after "AWS " in the Authorization header as the scope of a newer signature if it has exactly four
# slashes, and answers 500 to a service of that name. boto's signatures are base64, and one in 1,500 has four. With more
# in the key none does.
ACCESS_KEY = "a/key/with/five/slashes/"


def main(endpoint, s3_endpoint, queue_name, bucket_name, class_name, what):
    where = urlsplit(s3_endpoint)
    s3 = boto.connect_s3(ACCESS_KEY, "any", host=where.hostname, port=where.port, is_secure=False,
                         calling_format=OrdinaryCallingFormat())
    bucket = s3.create_bucket(bucket_name)
    queue = connect(endpoint).get_queue(queue_name)
    queue.set_message_class(message_class(class_name))
    print(queue.save_to_s3(bucket) if what == "save" else queue.load_from_s3(bucket))


if __name__ == "__main__":
    main(*sys.argv[1:])
