using System.CommandLine;
using System.Net;
using NexusGen.Cli.Core;
using NexusGen.Cli.Help;
using NexusGen.Cli.Options;
using NexusGen.Cli.Output;
using NexusGen.Cli.Serving;
using NexusGen.Core;
using NexusGen.Server.Configuration;

namespace NexusGen.Cli.Commands;

/// <summary>Serves the model over HTTP until it is stopped.</summary>
internal sealed class ServeCommand : NexusGenCommand
{
    private readonly Option<string?> _host = OptionOf.Text(
        "--host",
        "Address to listen on; 0.0.0.0 or :: for all interfaces, which requires API keys. [127.0.0.1]",
        "ADDRESS");
    private readonly Option<int?> _port = OptionOf.Integer(
        "--port",
        "Port to listen on; 0 for any free port. [8080]",
        0, 65535, "-p");
    private readonly Option<string?> _keys = OptionOf.Text(
        "--api-keys",
        "File with the accepted API keys, one per line. [NEXUSGEN_API_KEYS, comma-separated]",
        "FILE");
    private readonly Option<bool> _noKeys = OptionOf.Switch(
        "--no-keys",
        "Allow access without API keys from other machines.");
    private readonly Option<string?> _names = OptionOf.Text(
        "--hosts",
        "Comma-separated host names that a server without API keys accepts, in addition to those of this machine.",
        "NAMES");
    private readonly Option<string?> _origins = OptionOf.Text(
        "--origins",
        "Comma-separated origins whose web pages may call the server (CORS), such as https://example.com. [none]",
        "ORIGINS");
    private readonly Option<string?> _proxies = OptionOf.Text(
        "--proxies",
        "Comma-separated addresses or networks (10.0.0.0/8) of proxies whose X-Forwarded headers are trusted. [none]",
        "ADDRESSES");
    private readonly Option<string?> _pictureHosts = OptionOf.Text(
        "--picture-hosts",
        "Comma-separated hosts (host or host:port) from which images may be fetched. [none]",
        "HOSTS");
    private readonly Option<int?> _parallel = OptionOf.Integer(
        "--parallel",
        "Maximum number of requests that are processed concurrently. [8]",
        1, 1000);
    private readonly Option<int?> _batch = OptionOf.Integer(
        "--batch",
        "Maximum batch size of a forward pass; 1 makes results independent of concurrent requests, bit by bit. [8]",
        1, 1000);
    private readonly Option<int?> _queue = OptionOf.Integer(
        "--queue",
        "Maximum number of waiting requests; further ones are rejected. [64]",
        0, 1_000_000);
    private readonly Option<int?> _queuePerClient = OptionOf.Integer(
        "--queue-per-client",
        "Maximum number of waiting requests per client. [16]",
        0, 1_000_000);
    private readonly Option<int?> _connections = OptionOf.Integer(
        "--connections",
        "Maximum number of open connections; further ones are closed. [1000]",
        1, 1_000_000);
    private readonly Option<int?> _connectionsPerAddress = OptionOf.Integer(
        "--connections-per-address",
        "Maximum number of open connections of one address; trusted proxies have no such limit. [250]",
        1, 1_000_000);
    private readonly Option<double?> _timeout = OptionOf.Number(
        "--timeout",
        "Seconds that a request may wait in the queue, and then be without progress. [600]",
        0.001, 1_000_000);
    private readonly Option<double?> _keep = OptionOf.Number(
        "--keep",
        "Seconds for which the model components stay in memory after the last request. [forever]",
        0, 2_000_000);
    private readonly Option<long?> _maxBody = OptionOf.Bytes(
        "--max-body",
        "Maximum size of a request body. [64MiB]");
    private readonly Option<int?> _maxPixels = OptionOf.Integer(
        "--max-pixels",
        "Maximum total number of pixels of all images in a request. [128000000]",
        1, int.MaxValue);
    private readonly Option<int?> _maxSide = OptionOf.Integer(
        "--max-side",
        "Maximum width and height of a generated image in pixels. [2048]",
        16, 65_500);
    private readonly Option<int?> _maxSteps = OptionOf.Integer(
        "--max-steps",
        "Maximum number of denoising steps per image. [100]",
        1, 10_000);

    private readonly Option<string?> _loras = LoraOptions.Folder();
    private readonly Option<string?> _gallery = OptionOf.Text(
        "--gallery",
        "SQLite file for the images of the studio, or none to keep them until the server stops. [gallery.db in the user's "
        + "application data]",
        "FILE");
    private readonly Option<long?> _gallerySize = OptionOf.Bytes(
        "--gallery-size",
        "Maximum size of the gallery; the oldest images are deleted first. [8GiB]");
    private readonly Option<string?> _background = OptionOf.Text(
        "--background",
        "SQLite file for background work, which a later server continues, or none to keep it until the server stops. "
        + "[background.db beside the gallery; none if the gallery is]",
        "FILE");
    private readonly Option<bool> _noStudio = OptionOf.Switch(
        "--no-studio",
        "Serve only the APIs, without the studio web page.");

    private readonly ModelOptions _model = new();

    /// <summary>Initializes the command and its options.</summary>
    public ServeCommand(Terminal terminal)
        : base(
            terminal,
            "serve",
            "Serve the model over HTTP: the studio web page and an OpenAI-compatible API.")
    {
        foreach (Option option in (Option[])
            [
                _host, _port, _keys, _noKeys, _names, _origins, _proxies, _pictureHosts, _parallel, _batch, _queue,
                _queuePerClient, _connections, _connectionsPerAddress, _timeout, _keep, _maxBody, _maxPixels, _maxSide,
                _maxSteps, _loras, _gallery, _gallerySize, _background, _noStudio
            ])
        {
            Options.Add(option);
        }

        _model.AddTo(this);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<string> Examples =>
    [
        "nexusgen serve",
        "nexusgen serve --loras loras",
        "nexusgen serve --host 0.0.0.0 --api-keys keys.txt --keep 600",
        "curl http://localhost:8080/v1/images/generations -H 'Content-Type: application/json' -d '{\"prompt\": \"a red star\"}'",
    ];

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(ParseResult parsed, CommandOutput output, CancellationToken cancellationToken)
    {
        string host = parsed.GetValue(_host) ?? "127.0.0.1";
        IPAddress address = host == "localhost" ? IPAddress.Loopback
            : IPAddress.TryParse(host.Trim('[', ']'), out IPAddress? given) ? given
            : throw new NexusGenException($"--host must be an address such as 127.0.0.1, 0.0.0.0 or ::1, not {host}.");
        string[] keys = KeyFile.Read(parsed.GetValue(_keys), Environment.GetEnvironmentVariable(KeyFile.Variable));
        if (keys.Length == 0 && !IPAddress.IsLoopback(address) && !parsed.GetValue(_noKeys))
        {
            throw new NexusGenException(
                $"Other machines could reach the server on {host} without API keys; specify --api-keys, or --no-keys to allow "
                + "this.");
        }

        using NexusGenModel model = _model.Open(parsed, parsed.GetValue(_batch) ?? 8);
        await using ServerHost server = ServerHost.Create(
            model,
            new IPEndPoint(address, parsed.GetValue(_port) ?? 8080),
            !parsed.GetValue(_noStudio),
            options => Apply(parsed, options, keys));
        await server.StartAsync(cancellationToken);
        output.WriteLine(
            $"Serving {Path.GetFileName(Path.TrimEndingDirectorySeparator(model.Paths.Root))} at {server.Address} "
            + "(press Ctrl-C to stop)");
        await ServerHost.WaitAsync(cancellationToken);
        output.WriteNote("Stopping after the running requests.");
        await server.StopAsync();
        return ExitCode.Success;
    }

    private void Apply(ParseResult parsed, NexusGenServerOptions options, string[] keys)
    {
        AddAll(options.ApiKeys, keys);
        AddAll(options.Hosts, Words(parsed.GetValue(_names)));
        AddAll(options.Origins, Words(parsed.GetValue(_origins)));
        AddAll(options.Proxies, Words(parsed.GetValue(_proxies)));
        AddAll(options.PictureHosts, Words(parsed.GetValue(_pictureHosts)));
        options.MaxRunning = parsed.GetValue(_parallel) ?? options.MaxRunning;
        options.QueueLength = parsed.GetValue(_queue) ?? options.QueueLength;
        options.QueuePerClient = parsed.GetValue(_queuePerClient) ?? options.QueuePerClient;
        options.MaxConnections = parsed.GetValue(_connections) ?? options.MaxConnections;
        options.MaxConnectionsPerAddress = parsed.GetValue(_connectionsPerAddress) ?? options.MaxConnectionsPerAddress;
        options.RequestTimeout = parsed.GetValue(_timeout) is { } timeout
            ? TimeSpan.FromSeconds(timeout)
            : options.RequestTimeout;
        options.Keep = parsed.GetValue(_keep) is { } keep ? TimeSpan.FromSeconds(keep) : null;
        options.MaxBodyBytes = parsed.GetValue(_maxBody) ?? options.MaxBodyBytes;
        options.Gallery = parsed.GetValue(_gallery) switch { null => OwnGallery(), "none" => null, string file => file };
        options.Background = parsed.GetValue(_background) switch
        {
            null => options.Gallery is null ? null : Path.Combine(Path.GetDirectoryName(options.Gallery)!, "background.db"),
            "none" => null,
            string file => file,
        };
        options.Loras = LoraOptions.Folder(parsed, _loras);
        options.GalleryBytes = parsed.GetValue(_gallerySize) ?? options.GalleryBytes;
        options.MaxRequestPixels = parsed.GetValue(_maxPixels) ?? options.MaxRequestPixels;
        options.MaxSide = parsed.GetValue(_maxSide) ?? options.MaxSide;
        options.MaxSteps = parsed.GetValue(_maxSteps) ?? options.MaxSteps;
    }

    // A user without a home folder, as in a container, has no folder for application data.
    private static string? OwnGallery() => Environment.GetFolderPath(
        Environment.SpecialFolder.LocalApplicationData,
        Environment.SpecialFolderOption.DoNotVerify) is { Length: > 0 } folder
        ? Path.Combine(folder, "nexus-gen", "gallery.db")
        : null;

    private static string[] Words(string? text) =>
        text?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [];

    private static void AddAll(IList<string> list, string[] items)
    {
        foreach (string item in items)
        {
            list.Add(item);
        }
    }
}
