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

/// <summary>Serves the model over HTTP until it is told to stop.</summary>
internal sealed class ServeCommand : NexusGenCommand
{
    private readonly Option<string?> _host = OptionOf.Text(
        "--host",
        "The address to listen on; 0.0.0.0 or :: for all of this machine, which needs keys. [127.0.0.1]",
        "ADDRESS");
    private readonly Option<int?> _port = OptionOf.Whole(
        "--port",
        "The port to listen on; 0 for any that is free. [8080]",
        0, 65535, "-p");
    private readonly Option<string?> _keys = OptionOf.Text(
        "--api-keys",
        "A file with the keys that requests must bring, one a line. [those of NEXUSGEN_API_KEYS, with commas between]",
        "FILE");
    private readonly Option<bool> _noKeys = OptionOf.Switch(
        "--no-keys",
        "Ask for no keys though others than this machine can reach the server.");
    private readonly Option<string?> _names = OptionOf.Text(
        "--hosts",
        "Names under which a server without keys may be called, with commas between; those of this machine it always may.",
        "NAMES");
    private readonly Option<string?> _origins = OptionOf.Text(
        "--origins",
        "Web pages of other addresses that may use the server from a browser, like https://example.com, with commas between.",
        "ORIGINS");
    private readonly Option<string?> _proxies = OptionOf.Text(
        "--proxies",
        "Proxies in front of the server, as addresses or networks like 10.0.0.0/8, with commas between: what they say of callers is believed. [none]",
        "ADDRESSES");
    private readonly Option<string?> _pictureHosts = OptionOf.Text(
        "--picture-hosts",
        "Machines that pictures may be fetched from, as host or host:port, with commas between. [none]",
        "HOSTS");
    private readonly Option<int?> _parallel = OptionOf.Whole(
        "--parallel",
        "How many requests are computed at the same time. [8]",
        1, 1000);
    private readonly Option<int?> _batch = OptionOf.Whole(
        "--batch",
        "How many of them share a forward pass; 1 makes a picture independent, to its last digit, of what else runs. [8]",
        1, 1000);
    private readonly Option<int?> _queue = OptionOf.Whole(
        "--queue",
        "How many requests may wait; more are refused at once. [64]",
        0, 1_000_000);
    private readonly Option<int?> _queuePerClient = OptionOf.Whole(
        "--queue-per-client",
        "How many of them may be one client's. [16]",
        0, 1_000_000);
    private readonly Option<int?> _connections = OptionOf.Whole(
        "--connections",
        "How many connections may be open; more are closed at once. [1000]",
        1, 1_000_000);
    private readonly Option<double?> _timeout = OptionOf.Number(
        "--timeout",
        "The longest a request may take, in seconds, waiting included. [600]",
        0.001, 1_000_000);
    private readonly Option<double?> _keep = OptionOf.Number(
        "--keep",
        "How many seconds the model's parts stay in memory after the last request. [for ever]",
        0, 2_000_000);
    private readonly Option<long?> _maxBody = OptionOf.Bytes(
        "--max-body",
        "The largest request. [64MiB]");
    private readonly Option<int?> _maxPixels = OptionOf.Whole(
        "--max-pixels",
        "Most pixels of all pictures that one request brings, together. [128000000]",
        1, int.MaxValue);
    private readonly Option<int?> _maxSide = OptionOf.Whole(
        "--max-side",
        "The longest side of a picture to draw, in pixels. [2048]",
        16, 65_500);
    private readonly Option<int?> _maxSteps = OptionOf.Whole(
        "--max-steps",
        "Most denoising steps of a picture. [100]",
        1, 10_000);

    private readonly Option<string?> _gallery = OptionOf.Text(
        "--gallery",
        "The file that the studio keeps its pictures in (SQLite); none keeps them until the server stops. [gallery.db in this user's application data]",
        "FILE");
    private readonly Option<long?> _gallerySize = OptionOf.Bytes(
        "--gallery-size",
        "How large the gallery may become; then the oldest pictures go. [8GiB]");
    private readonly Option<bool> _noStudio = OptionOf.Switch(
        "--no-studio",
        "Serve the interfaces alone, without the page to draw, edit and ask in.");

    private readonly ModelOptions _model = new();

    /// <summary>The command.</summary>
    public ServeCommand(Terminal terminal)
        : base(terminal, "serve", "Serve the model over HTTP: a studio in the browser, and OpenAI's API, with the model loaded once.")
    {
        foreach (Option option in (Option[])
            [_host, _port, _keys, _noKeys, _names, _origins, _proxies, _pictureHosts, _parallel, _batch, _queue, _queuePerClient, _connections, _timeout, _keep, _maxBody, _maxPixels, _maxSide, _maxSteps, _gallery, _gallerySize, _noStudio])
        {
            Options.Add(option);
        }

        _model.AddTo(this);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<string> Examples =>
    [
        "nexusgen serve",
        "nexusgen serve --host 0.0.0.0 --api-keys keys.txt --keep 600",
        "curl http://localhost:8080/v1/images/generations -H 'Content-Type: application/json' -d '{\"prompt\": \"a red star\"}'",
    ];

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(ParseResult parsed, CommandOutput output, CancellationToken cancellationToken)
    {
        string host = parsed.GetValue(_host) ?? "127.0.0.1";
        IPAddress address = host == "localhost" ? IPAddress.Loopback
            : IPAddress.TryParse(host.Trim('[', ']'), out IPAddress? given) ? given
            : throw new NexusGenException($"--host is {host}, but it must be an address like 127.0.0.1, 0.0.0.0 or ::1.");
        string[] keys = KeyFile.Read(parsed.GetValue(_keys), Environment.GetEnvironmentVariable(KeyFile.Variable));
        if (keys.Length == 0 && !IPAddress.IsLoopback(address) && !parsed.GetValue(_noKeys))
        {
            throw new NexusGenException(
                $"Others could reach the server on {host} and no keys are asked for: give --api-keys, or --no-keys if that is meant.");
        }

        using NexusGenModel model = _model.Open(parsed, parsed.GetValue(_batch) ?? 8);
        await using ServerHost server = ServerHost.Create(model, new IPEndPoint(address, parsed.GetValue(_port) ?? 8080), !parsed.GetValue(_noStudio), options => Apply(parsed, options, keys));
        await server.StartAsync(cancellationToken);
        output.Line($"Nexus-Gen serves {Path.GetFileName(Path.TrimEndingDirectorySeparator(model.Paths.Root))} at {server.Address} (Ctrl-C stops it)");
        await ServerHost.WaitAsync(cancellationToken);
        output.Note("stopping: what runs may finish");
        await server.StopAsync();
        return ExitCode.Done;
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
        options.RequestTimeout = parsed.GetValue(_timeout) is { } timeout ? TimeSpan.FromSeconds(timeout) : options.RequestTimeout;
        options.Keep = parsed.GetValue(_keep) is { } keep ? TimeSpan.FromSeconds(keep) : null;
        options.MaxBodyBytes = parsed.GetValue(_maxBody) ?? options.MaxBodyBytes;
        options.Gallery = parsed.GetValue(_gallery) switch { null => OwnGallery(), "none" => null, string file => file };
        options.GalleryBytes = parsed.GetValue(_gallerySize) ?? options.GalleryBytes;
        options.MaxRequestPixels = parsed.GetValue(_maxPixels) ?? options.MaxRequestPixels;
        options.MaxSide = parsed.GetValue(_maxSide) ?? options.MaxSide;
        options.MaxSteps = parsed.GetValue(_maxSteps) ?? options.MaxSteps;
    }

    // A user without a home, as in a container, has no place of his own.
    private static string? OwnGallery() => Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify) is { Length: > 0 } folder
        ? Path.Combine(folder, "nexus-gen", "gallery.db")
        : null;

    private static string[] Words(string? text) => text?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [];

    private static void AddAll(IList<string> list, string[] items)
    {
        foreach (string item in items)
        {
            list.Add(item);
        }
    }
}
