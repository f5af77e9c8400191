# workerd with the Worker of bare.worker.js. Its command line says where it listens and where the rows are.
using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  sockets = [(name = "entry", http = (), service = "worker")],
  services = [
    (name = "worker", worker = (
      modules = [(name = "bare.worker.js", esModule = embed "bare.worker.js")],
      compatibilityDate = "2026-11-01",
      bindings = [(name = "ROWS", durableObjectNamespace = "Rows")],
      durableObjectNamespaces = [(className = "Rows", uniqueKey = "rows", enableSql = true)],
      durableObjectStorage = (localDisk = "rows"),
    )),
    (name = "rows", disk = (writable = true)),
  ],
);
