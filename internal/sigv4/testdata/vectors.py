# Prints the rows of botocoreVectors (botocore_test.go): fixed requests signed by botocore. Tests do not run it.
# Run: python3 vectors.py
import datetime, botocore.auth as auth, json
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
class D(datetime.datetime): pass
now = datetime.datetime(2026,11,24,3,51,7)
auth.get_current_datetime = lambda *a, **k: now
AK,SK='AKIDBOTOCOREEXAMPLE','wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY'
TOK='FwoGZXIvYXdzEBYaD//session/token+with=signs=='
def q(s): return json.dumps(s, ensure_ascii=False)
def emit(name, r, body, token):
    from urllib.parse import urlsplit
    u=urlsplit(r.url); target=u.path+(('?'+u.query) if u.query else '')
    hs=[(k, v) for k,v in r.headers.items()]
    host=u.netloc
    print("\t{\n\t\tname: %s, method: %s, target: %s, host: %s,"%(q(name),q(r.method),q(target),q(host)))
    if hs:
        print("\t\theader: []string{")
        for k,v in hs:
            if isinstance(v, bytes): v=v.decode()
            print("\t\t\t%s,"%q(k+": "+v))
        print("\t\t},")
    if body: print("\t\tbody: %s,"%q(body))
    if token: print("\t\ttoken: botocoreToken,")
    print("\t},")
def go(name, method, url, service, body='', headers=None, token=None, cls=auth.SigV4Auth, **kw):
    r=AWSRequest(method=method,url=url,data=body.encode() if body else b'',headers=dict(headers or {}))
    r.context['payload_signing_enabled']=True
    p=r
    cls(Credentials(AK,SK,token),service,'eu-central-1',**kw).add_auth(r)
    emit(name,r,body,token)
J={'Content-Type':'application/json'}
B='http://127.0.0.1:8080'
go('GetPendingJobExecutions','GET',B+'/things/pump%3A7/jobs','iot-jobs-data')
go('StartNextPendingJobExecution, literal $next','PUT',B+'/things/pump-7/jobs/$next','iot-jobs-data','{"statusDetails":{"step":"grüße"}}',J)
go('DescribeJobExecution, escaped $next','GET',B+'/things/pump-7/jobs/%24next?includeJobDocument=false&executionNumber=3','iot-jobs-data')
go('UpdateJobExecution, session token','POST',B+'/things/pump-7/jobs/update-1','iot-jobs-data','{"status":"SUCCEEDED"}',{**J,'User-Agent':'Boto3/1.43','X-Amzn-Trace-Id':'Root=1-abc'},TOK)
go('AttachThingPrincipal','PUT',B+'/things/pump-7/principals','iot','',{'x-amzn-principal':'arn:aws:iot:eu-central-1:123456789012:cert/0a1b'})
go('ListThings, odd query','GET',B+'/things?attributeName=a%20b%2Bc&attributeValue=%C3%BC~&empty=&maxResults=10&attributeName=a-b','iot')
go('folded header','GET',B+'/jobs','iot','',{'X-Custom':'  a   b \t c  '})
go('Date header instead of X-Amz-Date','GET',B+'/jobs','iot','',{'Date':'x'})
go('default port left out','GET','https://iot.example.test:443/jobs','iot')
go('presigned','GET',B+'/things/pump%3A7/jobs?x=1%202','iot-jobs-data',cls=auth.SigV4QueryAuth,expires=600)
go('presigned, session token','GET',B+'/things/pump-7/jobs/%24next','iot-jobs-data',token=TOK,cls=auth.SigV4QueryAuth,expires=60)
go('S3, single encoding','GET',B+'/bucket/firmware%20v1%2B2.bin','s3',cls=auth.S3SigV4Auth)
go('S3, presigned','GET',B+'/bucket/firmware%20v1.bin','s3',cls=auth.S3SigV4QueryAuth,expires=600,token=TOK)
