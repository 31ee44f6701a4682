using System.Diagnostics;
using System.Diagnostics.Metrics;
using NexusGen.Requests;
using NexusGen.Server.Scheduling;

namespace NexusGen.Server.Observability;

/// <summary>The metrics and traces (OpenTelemetry). The meter and the activity source are named <c>NexusGen.Server</c>.</summary>
internal sealed class ServerMetrics
{
    /// <summary>The name of the meter and the activity source.</summary>
    public const string Name = "NexusGen.Server";

    private readonly Histogram<double> _waited;
    private readonly Histogram<double> _took;
    private readonly Counter<long> _tokens;
    private readonly Counter<long> _steps;
    private readonly Counter<long> _images;
    private readonly Counter<long> _refused;

    /// <summary>Initializes the instruments.</summary>
    public ServerMetrics(IMeterFactory meters, WorkQueue queue, NexusGenModel model)
    {
        Meter meter = meters.Create(Name);
        meter.CreateObservableGauge("nexusgen.queue.waiting", () => queue.Waiting, "{request}", "Requests that wait.");
        meter.CreateObservableGauge("nexusgen.queue.running", () => queue.Running, "{request}", "Requests that are computed.");
        meter.CreateObservableGauge(
            "nexusgen.stages.loaded", () => model.LoadedComponents.Count, "{part}", "Parts of the model that are loaded.");
        meter.CreateObservableGauge("nexusgen.memory", () => Environment.WorkingSet, "By", "Memory of this process.");
        _waited = meter.CreateHistogram<double>("nexusgen.queue.time", "s", "How long requests waited.");
        _took = meter.CreateHistogram<double>("nexusgen.work.time", "s", "How long requests were computed.");
        _tokens = meter.CreateCounter<long>(
            "nexusgen.tokens", "{token}", "Tokens that were written, those of pictures included.");
        _steps = meter.CreateCounter<long>("nexusgen.steps", "{step}", "Denoising steps that were taken.");
        _images = meter.CreateCounter<long>("nexusgen.pictures", "{picture}", "Pictures that were finished.");
        _refused = meter.CreateCounter<long>(
            "nexusgen.queue.refused", "{request}", "Requests that found no room to wait in.");
    }

    /// <summary>Gets the activity source.</summary>
    public ActivitySource Activities { get; } = new(Name);

    /// <summary>Records the time that a request waited.</summary>
    public void Waited(TimeSpan time) => _waited.Record(time.TotalSeconds);

    /// <summary>Records the time that a request ran.</summary>
    public void Took(TimeSpan time) => _took.Record(time.TotalSeconds);

    /// <summary>Counts a request that was refused because the queue was full.</summary>
    public void Refused() => _refused.Add(1);

    /// <summary>Counts the tokens, steps and images of a reply.</summary>
    public void Count(Reply reply)
    {
        _tokens.Add(reply.TokenIds.Count);
        if (reply.Images.Count > 0)
        {
            _images.Add(reply.Images.Count);
            _steps.Add(reply.Images.Sum(image => image.ComputedSteps));
        }
    }
}
