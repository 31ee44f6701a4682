using System.Diagnostics;
using System.Diagnostics.Metrics;
using NexusGen.Requests;
using NexusGen.Server.Scheduling;

namespace NexusGen.Server.Observability;

/// <summary>What can be measured from outside (OpenTelemetry): the meter and the source of traces are called <c>NexusGen.Server</c>.</summary>
internal sealed class ServerMetrics
{
    /// <summary>The name of meter and source.</summary>
    public const string Name = "NexusGen.Server";

    private readonly Histogram<double> _waited;
    private readonly Histogram<double> _took;
    private readonly Counter<long> _tokens;
    private readonly Counter<long> _steps;
    private readonly Counter<long> _pictures;
    private readonly Counter<long> _refused;

    /// <summary>The instruments.</summary>
    public ServerMetrics(IMeterFactory meters, WorkQueue queue, NexusGenModel model)
    {
        Meter meter = meters.Create(Name);
        meter.CreateObservableGauge("nexusgen.queue.waiting", () => queue.Waiting, "{request}", "Requests that wait.");
        meter.CreateObservableGauge("nexusgen.queue.running", () => queue.Running, "{request}", "Requests that are computed.");
        meter.CreateObservableGauge("nexusgen.stages.loaded", () => model.LoadedStages.Count, "{part}", "Parts of the model that are loaded.");
        meter.CreateObservableGauge("nexusgen.memory", () => Environment.WorkingSet, "By", "Memory of this process.");
        _waited = meter.CreateHistogram<double>("nexusgen.queue.time", "s", "How long requests waited.");
        _took = meter.CreateHistogram<double>("nexusgen.work.time", "s", "How long requests were computed.");
        _tokens = meter.CreateCounter<long>("nexusgen.tokens", "{token}", "Tokens that were written, those of pictures included.");
        _steps = meter.CreateCounter<long>("nexusgen.steps", "{step}", "Denoising steps that were taken.");
        _pictures = meter.CreateCounter<long>("nexusgen.pictures", "{picture}", "Pictures that were finished.");
        _refused = meter.CreateCounter<long>("nexusgen.queue.refused", "{request}", "Requests that found no room to wait in.");
    }

    /// <summary>Where traces begin.</summary>
    public ActivitySource Activities { get; } = new(Name);

    /// <summary>A request left the queue.</summary>
    public void Waited(TimeSpan time) => _waited.Record(time.TotalSeconds);

    /// <summary>A request was computed.</summary>
    public void Took(TimeSpan time) => _took.Record(time.TotalSeconds);

    /// <summary>A request found no room.</summary>
    public void Refused() => _refused.Add(1);

    /// <summary>Counts what a reply took.</summary>
    public void Count(Reply reply)
    {
        _tokens.Add(reply.TokenIds.Count);
        if (reply is PictureReply { Pictures: var pictures })
        {
            _pictures.Add(pictures.Count);
            _steps.Add(pictures.Sum(picture => picture.ComputedSteps));
        }
    }
}
