using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using NexusGen.Imaging;
using NexusGen.Model;
using NexusGen.Requests;
using NexusGen.Server;
using NexusGen.Server.Configuration;

namespace NexusGen.Bench;

/// <summary>A server in this process, asked over HTTP for pictures whose right answers are known.</summary>
internal sealed class BenchServer : IDisposable
{
    // A batch of others rounds differently: a picture's bytes may differ by so much on average.
    private const double Rounding = 1;

    private static readonly string[] Prompts =
        ["a red star", "two blue circles", "a green ring", "a small yellow square", "a purple heart", "a red circle and a blue star", "一个红色的星星", "两个绿色的圆形"];

    private readonly WebApplication _app;
    private readonly byte[][] _expected;

    private BenchServer(NexusGenModel model, WebApplication app, byte[][] expected)
    {
        Model = model;
        _app = app;
        _expected = expected;
        Http = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = 1000 })
        {
            BaseAddress = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()),
            Timeout = TimeSpan.FromMinutes(10),
        };
    }

    /// <summary>How many different requests there are.</summary>
    public static int Count => Prompts.Length;

    /// <summary>The model.</summary>
    public NexusGenModel Model { get; }

    /// <summary>The client.</summary>
    public HttpClient Http { get; }

    /// <summary>Starts a server and asks the library itself for the right answers.</summary>
    public static async Task<BenchServer> StartAsync(int maxBatch, Action<NexusGenServerOptions> configure)
    {
        var model = NexusGenModel.Open("models/nexus-gen-tiny", new NexusGenOptions { MaxBatch = maxBatch });
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton(model);
        builder.Services.AddNexusGenServer(configure);
        WebApplication app = builder.Build();
        app.MapNexusGen();
        await app.StartAsync();
        List<byte[]> expected = [];
        for (int i = 0; i < Prompts.Length; i++)
        {
            expected.Add(await DrawAsync(model, i));
        }

        return new BenchServer(model, app, [.. expected]);
    }

    /// <summary>Draws by the library itself.</summary>
    /// <returns>The picture's file, which the server makes too.</returns>
    public static async Task<byte[]> DrawAsync(NexusGenModel model, int number) => ImageFile.Encode(
        ((PictureReply)await model.GenerateAsync(new GenerateRequest(Prompts[number % Prompts.Length]))).Pictures[0].Image, ImageFormat.Png);

    /// <summary>Draws by the library itself.</summary>
    public Task<byte[]> DrawAsync(int number) => DrawAsync(Model, number);

    /// <summary>Asks over HTTP.</summary>
    /// <returns>The status, and whether the answer was the right one.</returns>
    public async Task<(HttpStatusCode Status, bool Right)> AskAsync(int number, CancellationToken cancellationToken = default)
    {
        var body = new JsonObject { ["prompt"] = Prompts[number % Prompts.Length] };
        using HttpResponseMessage response = await Http.PostAsJsonAsync("/v1/images/generations", body, cancellationToken);
        if (response.StatusCode != HttpStatusCode.OK)
        {
            return (response.StatusCode, response.StatusCode == HttpStatusCode.TooManyRequests && response.Headers.RetryAfter is not null);
        }

        JsonNode answer = JsonNode.Parse(await response.Content.ReadAsStringAsync(cancellationToken))!;
        byte[] picture = Convert.FromBase64String((string)answer["data"]![0]!["b64_json"]!), expected = _expected[number % Prompts.Length];
        return (response.StatusCode, picture.AsSpan().SequenceEqual(expected) || Distance(ImageFile.Read(picture), ImageFile.Read(expected)) <= Rounding);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _app.StopAsync().GetAwaiter().GetResult();
        ((IDisposable)_app).Dispose();
        Http.Dispose();
        Model.Dispose();
    }

    private static double Distance(RgbImage a, RgbImage b)
    {
        if ((a.Width, a.Height) != (b.Width, b.Height))
        {
            return double.MaxValue;
        }

        double sum = 0;
        for (int i = 0; i < a.Pixels.Length; i++)
        {
            sum += Math.Abs(a.Pixels[i] - b.Pixels[i]);
        }

        return sum / a.Pixels.Length;
    }
}
