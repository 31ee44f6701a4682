using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Primitives;
using NexusGen.Hub.Core;

namespace NexusGen.Tests.Hub;

/// <summary>
/// A hub on loopback that speaks the protocols of both sites, and misbehaves where a test asks for it. Large files are at another
/// address, as they are at the real hubs.
/// </summary>
internal sealed class FakeHub : IAsyncDisposable
{
    public const string Commit = "0123456789abcdef0123456789abcdef01234567";

    private readonly WebApplication _app;
    private readonly TemporaryFolder _caches = new();

    private FakeHub(WebApplication app) => _app = app;

    /// <summary>The files of the repository org/name, and those of other ones under their prefixes.</summary>
    public Dictionary<string, byte[]> Files { get; } = [];

    /// <summary>The repositories, and the prefix that their files have in <see cref="Files"/>.</summary>
    public Dictionary<string, string> Repositories { get; } = new() { ["org/name"] = "" };

    /// <summary>The paths of files that are named by SHA-256, and sent by the other address.</summary>
    public HashSet<string> Large { get; } = [];

    /// <summary>Called before a file is sent: true if the test has answered itself.</summary>
    public Func<HttpContext, string, Task<bool>> OnFile { get; set; } = (_, _) => Task.FromResult(false);

    /// <summary>Called before anything else: true if the test has answered itself.</summary>
    public Func<HttpContext, bool> OnRequest { get; set; } = _ => false;

    /// <summary>The requests: method, path, range and whether they brought a token.</summary>
    public List<(string Method, string Path, string? Range, bool HasToken)> Requests { get; } = [];

    public Uri Address { get; private set; } = null!;

    // The same server under another name.
    public Uri Other => new(Address.AbsoluteUri.Replace("127.0.0.1", "localhost", StringComparison.Ordinal));

    public HubSettings Settings => new()
    {
        HuggingFace = Address,
        ModelScope = Address,
        HuggingFaceToken = "hf_secret",
        HuggingFaceCache = _caches["hf"],
        ModelScopeCache = _caches["ms"],
        StallTimeout = TimeSpan.FromSeconds(2),
        RetryPause = TimeSpan.FromMilliseconds(10),
        Attempts = 3,
    };

    public string Cache => Path.Combine(_caches["hf"], "models--org--name");

    public static async Task<FakeHub> StartAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        WebApplication app = builder.Build();
        var hub = new FakeHub(app);
        app.Run(hub.AnswerAsync);
        await app.StartAsync();
        hub.Address = new Uri(
            app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        return hub;
    }

    /// <summary>Adds a file of random bytes.</summary>
    public byte[] Add(string path, int length, bool large = true)
    {
        byte[] data = new byte[length];
        new Random(path.Length + length).NextBytes(data);
        Files[path] = data;
        if (large)
        {
            Large.Add(path);
        }

        return data;
    }

    public string ChecksumOf(string path) => Large.Contains(path)
        ? Convert.ToHexStringLower(SHA256.HashData(Files[path]))
        : GitHash(Files[path]);

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        _caches.Dispose();
    }

    private static string GitHash(byte[] data)
    {
        byte[] header = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"blob {data.Length}\0"));
#pragma warning disable CA5350 // Git's own.
        return Convert.ToHexStringLower(SHA1.HashData([.. header, .. data]));
#pragma warning restore CA5350
    }

    private async Task AnswerAsync(HttpContext context)
    {
        HttpRequest request = context.Request;
        string path = request.Path.Value!;
        lock (Requests)
        {
            Requests.Add((request.Method, path, Null(request.Headers.Range), request.Headers.Authorization.Count > 0));
        }

        if (OnRequest(context))
        {
            return;
        }

        const string large = "/large/", api = "/api/models/", scope = "/api/v1/models/";
        string repository = Repositories.Keys.FirstOrDefault(name =>
            path.StartsWith($"/{name}/", StringComparison.Ordinal)
            || path.StartsWith($"{api}{name}/", StringComparison.Ordinal)
            || path.StartsWith($"{scope}{name}/", StringComparison.Ordinal)) ?? "none";
        string prefix = Repositories.GetValueOrDefault(repository, "none"), resolve = $"/{repository}/resolve/";
        if (path.StartsWith($"{api}{repository}/tree/", StringComparison.Ordinal))
        {
            await ListAsync(context, path, prefix);
        }
        else if (path.StartsWith(resolve, StringComparison.Ordinal)
            && Files.ContainsKey(prefix + path[(path.IndexOf('/', resolve.Length) + 1)..]))
        {
            await ResolveAsync(context, prefix + path[(path.IndexOf('/', resolve.Length) + 1)..]);
        }
        else if (path.StartsWith(large, StringComparison.Ordinal))
        {
            await SendAsync(context, path[large.Length..]);
        }
        else if (path == $"{scope}{repository}/repo/files")
        {
            await context.Response.WriteAsync(ModelScopeList(prefix));
        }
        else if (path == $"{scope}{repository}/repo")
        {
            await SendAsync(context, prefix + request.Query["FilePath"].ToString());
        }
        else
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
        }
    }

    private static string? Null(StringValues values) => values.Count == 0 ? null : values.ToString();

    // Two files a page.
    private Task ListAsync(HttpContext context, string address, string prefix)
    {
        KeyValuePair<string, byte[]>[] files = Of(prefix);
        int page = int.TryParse(context.Request.Query["page"], out int given) ? given : 0;
        if (files.Length > 2 * (page + 1))
        {
            context.Response.Headers.Link =
                $"<{Address}{address[1..]}?recursive=true&page={page + 1}>; rel=\"next\"";
        }

        var items = new JsonArray([
            new JsonObject { ["type"] = "directory", ["path"] = "folder", ["oid"] = "1" },
            .. files.Skip(2 * page).Take(2).Select(file => new JsonObject
            {
                ["type"] = "file",
                ["path"] = file.Key[prefix.Length..],
                ["size"] = file.Value.Length,
                ["oid"] = GitHash(file.Value),
                ["lfs"] = Large.Contains(file.Key)
                    ? new JsonObject { ["oid"] = ChecksumOf(file.Key), ["size"] = file.Value.Length }
                    : null,
            })
        ]);
        return context.Response.WriteAsync(items.ToJsonString());
    }

    private KeyValuePair<string, byte[]>[] Of(string prefix) =>
    [
        .. Files.Where(file => file.Key.StartsWith(prefix, StringComparison.Ordinal))
            .OrderBy(file => file.Key, StringComparer.Ordinal)
    ];

    private string ModelScopeList(string prefix) => new JsonObject
    {
        ["Code"] = 200,
        ["Data"] = new JsonObject
        {
            ["Files"] = new JsonArray([
                new JsonObject { ["Type"] = "tree", ["Path"] = "folder" },
                .. Of(prefix).Select(file => new JsonObject
                {
                    ["Type"] = "blob",
                    ["Path"] = file.Key[prefix.Length..],
                    ["Size"] = file.Value.Length,
                    ["Sha256"] = Convert.ToHexStringLower(SHA256.HashData(file.Value)),
                    ["Revision"] = Commit,
                })
            ]),
        },
    }.ToJsonString();

    private Task ResolveAsync(HttpContext context, string path)
    {
        IHeaderDictionary headers = context.Response.Headers;
        headers["X-Repo-Commit"] = Commit;
        headers.ETag = $"\"{ChecksumOf(path)}\"";
        if (!Large.Contains(path))
        {
            return SendAsync(context, path);
        }

        headers["X-Linked-Etag"] = $"\"{ChecksumOf(path)}\"";
        headers["X-Linked-Size"] = Files[path].Length.ToString(CultureInfo.InvariantCulture);
        headers.ETag = "\"of the redirect\"";
        context.Response.Redirect($"{Other}large/{path}");
        return Task.CompletedTask;
    }

    private async Task SendAsync(HttpContext context, string path)
    {
        byte[] data = Files[path];
        if (HttpMethods.IsHead(context.Request.Method))
        {
            context.Response.ContentLength = data.Length;
            return;
        }

        if (await OnFile(context, path))
        {
            return;
        }

        int from = 0;
        if (Null(context.Request.Headers.Range) is { } range)
        {
            from = int.Parse(range["bytes=".Length..].TrimEnd('-'), CultureInfo.InvariantCulture);
            context.Response.StatusCode = StatusCodes.Status206PartialContent;
            context.Response.Headers.ContentRange = $"bytes {from}-{data.Length - 1}/{data.Length}";
        }

        context.Response.ContentLength = data.Length - from;
        await context.Response.Body.WriteAsync(data.AsMemory(from));
    }
}
