using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using NexusGen.Cli.Serving;
using NexusGen.Core;

namespace NexusGen.Tests.Cli;

/// <summary>Metrics and traces arrive where the standard variables of OpenTelemetry say, and nowhere else.</summary>
public sealed class TelemetryExportTests : IDisposable
{
    private const string Exporter = "OTEL_EXPORTER_OTLP_";

    private readonly NexusGenModel _model = NexusGenModel.Open(CliRun.TinyModel);
    private readonly HttpListener _receiver = new();
    private readonly ConcurrentDictionary<string, (string Text, string? Key)> _received = [];
    private readonly string _address;

    public TelemetryExportTests()
    {
        using (var free = new TcpListener(IPAddress.Loopback, 0))
        {
            free.Start();
            _address = $"http://127.0.0.1:{((IPEndPoint)free.LocalEndpoint).Port}";
        }

        _receiver.Prefixes.Add($"{_address}/");
        _receiver.Start();
        _ = ReceiveAsync();
    }

    public void Dispose()
    {
        _receiver.Close();
        _model.Dispose();
    }

    [Fact]
    public async Task BothSignalsAreSentToTheAddressOfAll()
    {
        await ServeAsync(
            ("ENDPOINT", $"{_address}/base/"), ("PROTOCOL", "http/protobuf"), ("HEADERS", "x-key=a%20secret"),
            ("OTEL_SERVICE_NAME", "our-painter"));
        Assert.Equal(["/base/v1/metrics", "/base/v1/traces"], _received.Keys.Order(StringComparer.Ordinal));
        Assert.All(_received.Values, sent =>
        {
            Assert.Equal("a secret", sent.Key);
            Assert.Contains("service.name", sent.Text);
            Assert.Contains("our-painter", sent.Text);
        });
        Assert.Contains("nexusgen.queue.time", _received["/base/v1/metrics"].Text);
        Assert.Contains("NexusGen.Server", _received["/base/v1/traces"].Text);
    }

    [Fact]
    public async Task VariablesOfASignalComeFirst()
    {
        await ServeAsync(
            ("ENDPOINT", "http://127.0.0.1:1"), ("PROTOCOL", "grpc"), ("HEADERS", "x-key=all"),
            ("METRICS_ENDPOINT", $"{_address}/m"), ("METRICS_PROTOCOL", "http/protobuf"), ("METRICS_HEADERS", "x-key=metrics"),
            ("TRACES_ENDPOINT", $"{_address}/t"), ("TRACES_PROTOCOL", "http/protobuf"));
        Assert.Equal(["/m", "/t"], _received.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(("metrics", "all"), (_received["/m"].Key, _received["/t"].Key));
        Assert.Contains("nexusgen", _received["/t"].Text);
    }

    [Theory]
    [InlineData("METRICS_ENDPOINT", "/x")]
    [InlineData("TRACES_ENDPOINT", "/x")]
    [InlineData("ENDPOINT", "/v1/traces", "OTEL_METRICS_EXPORTER", "none")]
    [InlineData("ENDPOINT", "/v1/metrics", "OTEL_TRACES_EXPORTER", "none")]
    [InlineData("ENDPOINT", null, "OTEL_SDK_DISABLED", "TRUE")]
    [InlineData("PROTOCOL", null)]
    public async Task OnlyWhatIsWantedIsSent(string variable, string? path, string? other = null, string? value = null)
    {
        List<(string, string)> variables = [("PROTOCOL", "http/protobuf")];
        if (variable != "PROTOCOL")
        {
            variables.Add((variable, variable == "ENDPOINT" ? _address : $"{_address}/x"));
        }

        if (other is not null)
        {
            variables.Add((other, value!));
        }

        await ServeAsync([.. variables]);
        Assert.Equal(path is null ? [] : [path], _received.Keys);
    }

    [Theory]
    [InlineData("ENDPOINT", "localhost:4318", "OTEL_EXPORTER_OTLP_ENDPOINT is localhost:4318, but it must be an address")]
    [InlineData("PROTOCOL", "http/json", "OTEL_EXPORTER_OTLP_PROTOCOL is http/json, but only grpc and http/protobuf")]
    [InlineData("TIMEOUT", "10s", "OTEL_EXPORTER_OTLP_TIMEOUT is 10s, but it must be a number of milliseconds")]
    [InlineData("OTEL_TRACES_EXPORTER", "zipkin", "OTEL_TRACES_EXPORTER is zipkin, but only otlp and none")]
    public async Task AWrongValueIsOneSentence(string variable, string value, string sentence)
    {
        (string, string)[] variables = variable == "ENDPOINT" ? [(variable, value)] : [("ENDPOINT", _address), (variable, value)];
        var e = await Assert.ThrowsAsync<NexusGenException>(() => ServeAsync(variables));
        Assert.StartsWith(sentence, e.Message);
    }

    // Generates an image and stops: what was measured is sent then.
    private async Task ServeAsync(params (string Name, string Value)[] variables)
    {
        await using var server = ServerHost.Create(
            _model, new IPEndPoint(IPAddress.Loopback, 0), studio: false, _ => { },
            variables.ToDictionary(
                variable => variable.Name.StartsWith("OTEL", StringComparison.Ordinal) ? variable.Name : Exporter + variable.Name,
                variable => (string?)variable.Value));
        await server.StartAsync(CancellationToken.None);
        using var http = new HttpClient { BaseAddress = new Uri(server.Address) };
        var body = new JsonObject { ["prompt"] = "a red star", ["steps"] = 1 };
        using (HttpResponseMessage response = await http.PostAsJsonAsync("/v1/images/generations", body))
        {
            Assert.True(response.IsSuccessStatusCode);
        }

        await server.StopAsync();
    }

    private async Task ReceiveAsync()
    {
        try
        {
            while (true)
            {
                HttpListenerContext context = await _receiver.GetContextAsync();
                using var text = new StreamReader(context.Request.InputStream, Encoding.Latin1);
                string path = context.Request.Url!.AbsolutePath;
                (string Text, string? Key) sent = (await text.ReadToEndAsync(), context.Request.Headers["x-key"]);
                _received.AddOrUpdate(path, sent, (_, before) => (before.Text + sent.Text, sent.Key));
                context.Response.ContentType = "application/x-protobuf";
                context.Response.Close();
            }
        }
        catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
        {
        }
    }
}
