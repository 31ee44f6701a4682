using System.Net;
using System.Text.Json.Nodes;
using NexusGen.Cli.Core;
using NexusGen.Server.Configuration;
using NexusGen.Tests.Lora;

namespace NexusGen.Tests.Server;

/// <summary>
/// A server with a folder of LoRAs: <c>style</c> and <c>sub/other</c> for the decoders, the adapter <c>talk</c> for the language
/// model, and what requests can't use: <c>broken</c>, and <c>foreign</c>, which is for another model.
/// </summary>
public sealed class LoraServer : IAsyncLifetime
{
    public const string Model = "nexus-gen-tiny";

    private readonly TemporaryFolder _folder = new();

    internal NexusGenModel Opened { get; } = NexusGenModel.Open(ModelFinder.FindTiny());

    internal TestServer Server { get; private set; } = null!;

    /// <summary>Gets the folder.</summary>
    internal string Folder => _folder.Path;

    public async Task InitializeAsync()
    {
        string tiny = ModelFinder.FindTiny();
        RandomLora.WriteFlux(tiny, _folder["style.safetensors"], 1, size: 0.4);
        Directory.CreateDirectory(_folder["sub"]);
        RandomLora.WriteFlux(tiny, _folder["sub/other.safetensors"], 2, size: 0.4);
        RandomLora.WriteLanguage(tiny, _folder["talk"], 3, size: 0.4);
        File.WriteAllBytes(_folder["broken.safetensors"], File.ReadAllBytes(_folder["style.safetensors"])[..500]);
        RandomLora.WriteFlux(ReferenceFolder.TinyModel, _folder["foreign.safetensors"], 4);
        Server = await StartAsync();
    }

    public async Task DisposeAsync()
    {
        await Server.DisposeAsync();
        Opened.Dispose();
        _folder.Dispose();
    }

    /// <summary>Starts another server with the folder.</summary>
    internal Task<TestServer> StartAsync(Action<NexusGenServerOptions>? configure = null) =>
        TestServer.StartAsync(Opened, options =>
        {
            options.Loras = Folder;
            configure?.Invoke(options);
        });

    /// <summary>Generates an image with one step.</summary>
    /// <returns>The file in base64.</returns>
    internal async Task<string> DrawAsync(string? model = null, string? loras = null)
    {
        (HttpStatusCode status, JsonNode body) = await AskAsync(model, loras);
        Assert.True(status == HttpStatusCode.OK, body.ToJsonString());
        return (string)body["data"]![0]!["b64_json"]!;
    }

    /// <summary>Asks for an image with one step.</summary>
    internal Task<(HttpStatusCode Status, JsonNode Body)> AskAsync(string? model = null, string? loras = null) =>
        Server.AskAsync("/v1/images/generations", new JsonObject
        {
            ["model"] = model,
            ["prompt"] = "a red star",
            ["seed"] = 7,
            ["steps"] = 1,
            ["cfg_scale"] = 1,
            ["loras"] = loras is null ? null : JsonNode.Parse(loras),
        });
}
