using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using NexusGen.Core;
using NexusGen.Server;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace NexusGen.Cli.Serving;

/// <summary>
/// Sends metrics and traces to an OpenTelemetry collector, as the standard environment variables (<c>OTEL_…</c>) say. Without an
/// address of a collector nothing is sent.
/// </summary>
internal static class TelemetryExport
{
    private const string Prefix = "OTEL_";
    private const string Exporter = Prefix + "EXPORTER_OTLP_";
    private const string Metrics = "METRICS";
    private const string Traces = "TRACES";

    /// <summary>Adds the export.</summary>
    /// <param name="builder">The builder of the server.</param>
    /// <param name="variables">The environment variables.</param>
    /// <exception cref="NexusGenException">A variable has a value that is not supported.</exception>
    public static void Add(WebApplicationBuilder builder, IReadOnlyDictionary<string, string?> variables)
    {
        Dictionary<string, string?> own = variables
            .Where(variable => variable.Key.StartsWith(Prefix, StringComparison.Ordinal)
                && !string.IsNullOrWhiteSpace(variable.Value))
            .ToDictionary(variable => variable.Key, variable => variable.Value);
        if (string.Equals(own.GetValueOrDefault(Prefix + "SDK_DISABLED"), "true", StringComparison.OrdinalIgnoreCase)
            || !(IsWanted(own, Metrics) | IsWanted(own, Traces)))
        {
            return;
        }

        // The host reads no environment, and the library looks for its variables in the host's configuration: intervals,
        // sampling, attributes of the resource.
        builder.Configuration.AddInMemoryCollection(own);
        OpenTelemetry.OpenTelemetryBuilder telemetry = builder.Services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService("nexusgen").AddEnvironmentVariableDetector());
        if (IsWanted(own, Metrics))
        {
            Action<OtlpExporterOptions> options = Options(own, Metrics);
            telemetry.WithMetrics(metrics => metrics
                .AddMeter(NexusGenServerExtensions.TelemetryName, "Microsoft.AspNetCore.Hosting", "System.Runtime")
                .AddOtlpExporter(options));
        }

        if (IsWanted(own, Traces))
        {
            Action<OtlpExporterOptions> options = Options(own, Traces);
            telemetry.WithTracing(traces => traces
                .AddSource(NexusGenServerExtensions.TelemetryName, "Microsoft.AspNetCore")
                .AddOtlpExporter(options));
        }
    }

    private static bool IsWanted(Dictionary<string, string?> own, string signal)
    {
        string variable = $"{Prefix}{signal}_EXPORTER";
        return own.GetValueOrDefault(variable) switch
        {
            "none" => false,
            "otlp" => true,
            null => Value(own, signal, "ENDPOINT") is not null,
            string other => throw new NexusGenException($"{variable} is {other}, but only otlp and none are supported."),
        };
    }

    // A variable of the signal, or else the one of all signals. The library itself reads only the latter.
    private static (string Variable, string Text)? Value(Dictionary<string, string?> own, string signal, string name)
    {
        foreach (string variable in (string[])[$"{Exporter}{signal}_{name}", Exporter + name])
        {
            if (own.GetValueOrDefault(variable) is { } text)
            {
                return (variable, text.Trim());
            }
        }

        return null;
    }

    // Everything is read now, so that a wrong value is reported at the start: the library would only ignore it.
    private static Action<OtlpExporterOptions> Options(Dictionary<string, string?> own, string signal)
    {
        OtlpExportProtocol? protocol = Value(own, signal, "PROTOCOL") switch
        {
            null => null,
            (_, "grpc") => OtlpExportProtocol.Grpc,
            (_, "http/protobuf") => OtlpExportProtocol.HttpProtobuf,
            var (variable, text) => throw new NexusGenException(
                $"{variable} is {text}, but only grpc and http/protobuf are supported."),
        };
        int? timeout = Value(own, signal, "TIMEOUT") switch
        {
            null => null,
            (_, var text) when int.TryParse(text, out int milliseconds) && milliseconds >= 0 => milliseconds,
            var (variable, text) => throw new NexusGenException(
                $"{variable} is {text}, but it must be a number of milliseconds."),
        };
        (string Variable, string Text)? endpoint = Value(own, signal, "ENDPOINT");
        Uri? address = endpoint switch
        {
            null => null,
            (_, var text) when Uri.TryCreate(text, UriKind.Absolute, out Uri? uri) && uri.Scheme is ("http" or "https") => uri,
            var (variable, text) => throw new NexusGenException(
                $"{variable} is {text}, but it must be an address such as http://localhost:4318."),
        };
        string? headers = Value(own, signal, "HEADERS")?.Text;
        return options =>
        {
            options.Protocol = protocol ?? options.Protocol;
            options.TimeoutMilliseconds = timeout ?? options.TimeoutMilliseconds;
            options.Headers = headers ?? options.Headers;
            if (address is not null)
            {
                // The address of one signal is complete; that of all signals is the base of theirs, if they are sent over HTTP.
                bool isBase = options.Protocol == OtlpExportProtocol.HttpProtobuf
                    && endpoint!.Value.Variable == Exporter + "ENDPOINT";
                options.Endpoint = isBase
                    ? new Uri($"{address.AbsoluteUri.TrimEnd('/')}/v1/{signal.ToLowerInvariant()}")
                    : address;
            }
        };
    }
}
