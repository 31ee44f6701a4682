using Microsoft.AspNetCore.Http;
using NexusGen.Server.Security;

namespace NexusGen.Server.Mcp;

/// <summary>Whose call a tool answers.</summary>
internal interface IMcpCaller
{
    /// <summary>The client, as the queue and the store know it.</summary>
    string Client { get; }

    /// <summary>The request's name, for the log.</summary>
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
    public string Request => accessor.HttpContext?.TraceIdentifier ?? "";
}

/// <summary>The one caller at the other end of standard input and output.</summary>
internal sealed class LocalMcpCaller : IMcpCaller
{
    /// <inheritdoc/>
    public string Client => "local";

    /// <inheritdoc/>
    public string Request => "local";
}
