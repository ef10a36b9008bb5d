# What takes a command's place where this machine lacks what it needs; rules.py says where. Each function
# proves or prepares one thing and fails if it cannot. $COMMAND is the command, WALK_… are of machine.py.

# ── What a reader brings along ──────────────────────────────────────────────────────────────────────

cluster_in_ministack() {
  local role
  role=$(aws iam create-role --role-name cluster --assume-role-policy-document '{"Version": "2012-10-17", "Statement": []}' --query Role.Arn --output text)
  aws eks create-cluster --name "$CLUSTER" --role-arn "$role" --resources-vpc-config subnetIds=subnet-0
}

subnets_in_ministack() {
  PRIVATE_SUBNETS=$(for zone in a c; do
    aws ec2 create-subnet --vpc-id "$WALK_VPC" --availability-zone "sa-east-1$zone" --cidr-block "10.0.$((16#$zone)).0/24" \
      --query Subnet.SubnetId --output text
  done | xargs)
}

checkpoint_of_three_files() {
  CHECKPOINT=$WALK_RUN/checkpoint
  mkdir -p "$CHECKPOINT"
  for name in config.json model.pth vocab.json; do echo "$name" > "$CHECKPOINT/$name"; done
}

twenty_seconds_of_silence() {
  VOICE=$WALK_RUN/reference_voice.wav
  "$WALK_PYTHON" -c 'import sys, wave
with wave.open(sys.argv[1], "wb") as sound:
    sound.setparams((1, 2, 22050, 0, "NONE", ""))
    sound.writeframes(bytes(20 * 2 * 22050))' "$VOICE"
}

# What `make` sets up is lent to the clone, whose files are made older: setting it up again takes minutes
# and proves nothing of the page.
lend_environments() {
  (
    cd "$1"
    git ls-files -z | xargs -0 touch --date=@0
    for name in .venv .venv-sam web/node_modules; do ln -s "$WALK_ROOT/$name" "$name"; done
  )
}

# ── What can be checked without doing it ────────────────────────────────────────────────────────────

# The manifests on standard input are valid and have no placeholder left.
valid_manifests() {
  (cd "$WALK_ROOT" && "$WALK_PYTHON" -m infra.walk.manifests)
}

# The image's stage is in the Dockerfile, and so are the files that the stages copy.
stage_is_there() {
  local stage
  stage=$(sed -nE 's/.*--target ([a-z]+).*/\1/p' <<< "$COMMAND")
  grep -q " AS $stage\$" model_host/Dockerfile || { echo "model_host/Dockerfile has no stage '$stage'"; return 1; }
  sed -nE 's/^COPY ([^-].*) [^ ]+$/\1/p' model_host/Dockerfile | xargs ls -d
}

# What a pipe would apply. `kubectl apply` keeps it in an annotation, which ends at 256 KiB
# (https://kubernetes.io/docs/reference/using-api/server-side-apply/); the server does without.
valid_pipe() {
  eval "${COMMAND% | kubectl apply *}" > "$WALK_RUN/piped.yaml"
  [[ "$COMMAND" == *--server-side* ]] || [ "$(stat --format=%s "$WALK_RUN/piped.yaml")" -lt 262144 ] || { echo "longer than an annotation may be"; return 1; }
  valid_manifests < "$WALK_RUN/piped.yaml"
}

# ── What is done otherwise ──────────────────────────────────────────────────────────────────────────

# The deployment with its own parameters, but for those in which MiniStack leaves no choice.
deploy_to_ministack() {
  local command=${COMMAND/sam deploy/sam deploy --no-confirm-changeset} departure name
  for departure in $WALK_DEPARTURES; do
    name=${departure%%=*}
    command=$(sed -E "s/ $name=(\"[^\"]*\"|[^ ]*)//" <<< "$command")
    [ "$departure" = "$name=" ] || command+=" $departure"
  done
  eval "$command"
}

# What MiniStack drops of a template, put in place as `make up` does. Its generated secrets hold
# punctuation that the template excludes, so the host's key is the one that was made beside it.
fill_gaps() {
  aws secretsmanager put-secret-value --secret-id "$(output HostKeysSecretArn)" --secret-string "file://$WALK_HOST_KEYS"
  (cd "$WALK_ROOT" && "$WALK_PYTHON" -c 'import sys
from pathlib import Path
from infra.local import emulator_gaps
emulator_gaps.fill(Path("template.yaml"), sys.argv[1])' "$STACK")
}

# The stack's keys, as Kubernetes would mount them.
give_keys_to_host() {
  eval "${COMMAND%% | kubectl create*}" > "$WALK_HOST_KEYS"
}

# The published pages with the API on the same origin, as CloudFront has them.
serve_pages() {
  aws s3 sync --quiet "s3://$(output PagesBucketName)" "$WALK_RUN/pages"
  PYTHONPATH=$WALK_ROOT PAGES_HEADERS='{}' setsid "$WALK_PYTHON" -m infra.local.pages --port "$WALK_PAGES_PORT" \
    --dist "$WALK_RUN/pages" --api-url "$AWS_ENDPOINT_URL/$STAGE" \
    --api-host "$(output ApiId).execute-api.localhost" > "$WALK_RUN/pages.log" 2>&1 &
  echo $! > "$WALK_RUN/pages.pid"
  curl --silent --fail --output "$WALK_RUN/first-answer" --retry 30 --retry-delay 1 --retry-all-errors "http://127.0.0.1:$WALK_PAGES_PORT/health"
}
