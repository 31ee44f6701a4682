using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using NexusGen.Core;
using NexusGen.Server;

namespace NexusGen.Tests.Server;

/// <summary>An application that has this server beside endpoints of its own: those stay untouched, and this server's are checked all the same.</summary>
public sealed class HostApplicationTests : IAsyncLifetime
{
    private readonly NexusGenModel _model = NexusGenModel.Open(LoadedModel.Folder);
    private WebApplication _app = null!;
    private HttpClient _http = null!;

    public async Task InitializeAsync()
    {
        WebApplicationBuilder builder = NewBuilder();
        builder.Services.AddNexusGenServer(options =>
        {
            options.ApiKeys.Add("a-right-key");
            options.Origins.Add("https://friend.example");
            options.MaxBodyBytes = 1000;
        });
        _app = builder.Build();
        _app.Use(async (context, next) =>
        {
            try
            {
                await next(context);
            }
            catch (Exception e)
            {
                context.Response.StatusCode = StatusCodes.Status418ImATeapot;
                await context.Response.WriteAsync($"the application's own: {e.Message}");
            }
        });
        _app.MapNexusGen().MapNexusGenStudio();

        // Asked for again by an application that does not know of ours.
        _app.UseRouting();
        _app.MapGet("/own/data", () => "data");
        _app.MapDelete("/own/data", () => "deleted");
        _app.MapGet("/own/broken", string () => throw new NexusGenException("broken"));
        _app.MapPost("/own/large", async (HttpContext context) =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            return body.Length;
        });
        await _app.StartAsync();
        _http = new HttpClient { BaseAddress = new Uri(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()) };
    }

    public async Task DisposeAsync()
    {
        _http.Dispose();
        await _app.DisposeAsync();
        _model.Dispose();
    }

    [Fact]
    public async Task ItsErrorsStayItsOwn()
    {
        (int status, string body, _) = await SendAsync(HttpMethod.Get, "/own/broken");
        Assert.Equal((StatusCodes.Status418ImATeapot, "the application's own: broken"), (status, body));
        (status, body, _) = await SendAsync(HttpMethod.Get, "/own/nothing");
        Assert.Equal((StatusCodes.Status404NotFound, ""), (status, body));
        (status, body, _) = await SendAsync(HttpMethod.Post, "/own/data");
        Assert.Equal((StatusCodes.Status405MethodNotAllowed, ""), (status, body));
    }

    [Fact]
    public async Task NobodyIsAskedForAKeyOrAnOriginThere()
    {
        foreach (HttpMethod method in (HttpMethod[])[HttpMethod.Get, HttpMethod.Delete])
        {
            (int status, _, HttpResponseMessage response) = await SendAsync(method, "/own/data", "https://evil.example");
            Assert.Equal(StatusCodes.Status200OK, status);
            Assert.DoesNotContain(response.Headers, header => header.Key.StartsWith("Access-Control", StringComparison.OrdinalIgnoreCase));
        }

        (int before, _, _) = await SendAsync(HttpMethod.Options, "/own/data", "https://friend.example", preflight: true);
        Assert.Equal(StatusCodes.Status405MethodNotAllowed, before);
    }

    [Fact]
    public async Task ItsBodiesHaveItsOwnBounds()
    {
        using var large = new ByteArrayContent(new byte[5000]);
        using HttpResponseMessage own = await _http.PostAsync("/own/large", large);
        Assert.Equal((HttpStatusCode.OK, "5000"), (own.StatusCode, await own.Content.ReadAsStringAsync()));
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions") { Content = new StringContent(new string(' ', 5000), null, "application/json") };
        request.Headers.Authorization = new("Bearer", "a-right-key");
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await _http.SendAsync(request)).StatusCode);
    }

    [Theory]
    [InlineData("GET", "/v1/models", null, 401)]
    [InlineData("GET", "/v1/models", "https://evil.example", 403)]
    [InlineData("DELETE", "/studio/api/pictures/1", "https://evil.example", 403)]
    [InlineData("POST", "/mcp", null, 401)]
    [InlineData("GET", "/health/live", null, 200)]
    public async Task ThisServersEndpointsAreChecked(string method, string path, string? origin, int expected)
    {
        (int status, string body, _) = await SendAsync(new HttpMethod(method), path, origin);
        Assert.Equal(expected, status);
        if (expected >= 400)
        {
            Assert.False(string.IsNullOrEmpty((string?)JsonNode.Parse(body)!["error"]!["message"]));
        }
    }

    [Theory]
    [InlineData("https://friend.example", 204)]
    [InlineData("https://evil.example", 403)]
    [InlineData("its own", 204)]
    public async Task WhatABrowserAsksBeforeIsAnsweredAndGoesNoFurther(string origin, int expected)
    {
        origin = origin == "its own" ? _http.BaseAddress!.GetLeftPart(UriPartial.Authority) : origin;
        (int status, _, HttpResponseMessage response) = await SendAsync(HttpMethod.Options, "/v1/chat/completions", origin, preflight: true);
        Assert.Equal(expected, status);
        Assert.Equal(origin == "https://friend.example", response.Headers.Contains("Access-Control-Allow-Origin"));
    }

    [Fact]
    public async Task TheStudioIsNotMappedUnchecked()
    {
        WebApplicationBuilder builder = NewBuilder();
        builder.Services.AddNexusGenServer();
        await using WebApplication app = builder.Build();
        Assert.Throws<InvalidOperationException>(() => app.MapNexusGenStudio());
    }

    private WebApplicationBuilder NewBuilder()
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton(_model);
        return builder;
    }

    private async Task<(int Status, string Body, HttpResponseMessage Response)> SendAsync(HttpMethod method, string path, string? origin = null, bool preflight = false)
    {
        using var request = new HttpRequestMessage(method, path);
        if (origin is not null)
        {
            request.Headers.Add("Origin", origin);
        }

        if (preflight)
        {
            request.Headers.Add("Access-Control-Request-Method", "POST");
        }

        HttpResponseMessage response = await _http.SendAsync(request);
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync(), response);
    }
}
