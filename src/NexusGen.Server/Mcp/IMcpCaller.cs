using Microsoft.AspNetCore.Http;
using NexusGen.Server.Security;

namespace NexusGen.Server.Mcp;

/// <summary>The caller of a tool.</summary>
internal interface IMcpCaller
{
    /// <summary>Gets the client, for the queue and the store.</summary>
    string Client { get; }

    /// <summary>Gets the name of the client's program, as it says.</summary>
    string Program { get; }

    /// <summary>Gets the id of the request, for the log.</summary>
    string Request { get; }
}

/// <summary>The caller of a request over HTTP.</summary>
internal sealed class HttpMcpCaller(IHttpContextAccessor accessor) : IMcpCaller
{
    /// <inheritdoc/>
    public string Client => accessor.HttpContext is { } context
        ? ApiKeyGuard.ClientOf(context)
        : throw new InvalidOperationException("A tool was called outside a request.");

    /// <inheritdoc/>
    public string Program => accessor.HttpContext?.Request.Headers.UserAgent.ToString() ?? "";

    /// <inheritdoc/>
    public string Request => accessor.HttpContext?.TraceIdentifier ?? "";
}

/// <summary>The only caller over standard input and output.</summary>
internal sealed class LocalMcpCaller : IMcpCaller
{
    /// <inheritdoc/>
    public string Client => "local";

    /// <inheritdoc/>
    public string Program => "";

    /// <inheritdoc/>
    public string Request => "local";
}
