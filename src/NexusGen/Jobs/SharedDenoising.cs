using System.Runtime.ExceptionServices;
using NexusGen.Core;
using NexusGen.Diffusion.Sampling;

namespace NexusGen.Jobs;

/// <summary>
/// Lets pictures that are painted at the same time share forward passes. It needs no barrier: all run in turn on the engine's
/// thread, and whoever finds at its turn that it has not advanced since the last one takes a step, and takes along all that can
/// share it.
/// </summary>
/// <param name="maxBatch">How many pictures of several requests are computed in one pass.</param>
internal sealed class SharedDenoising(int maxBatch)
{
    /// <summary>Latent tokens of a batch: four official pictures. More would take memory and save no time.</summary>
    public const long BatchTokens = 4096;

    // Those that have waited longest come first.
    private readonly List<Place> _places = [];

    /// <summary>Counts the forward passes of all pictures.</summary>
    public PassCounter Counter { get; } = new();

    /// <summary>A place for a run among those that are painted; the run stays the caller's.</summary>
    public Place Join(DenoisingRun run)
    {
        var place = new Place(this, run);
        _places.Add(place);
        return place;
    }

    private void Step(Place first)
    {
        List<Place> together = [first];
        foreach (Place place in _places)
        {
            if (place != first && place.IsReady && Fits(together, place.Run))
            {
                together.Add(place);
            }
        }

        try
        {
            DenoisingRun.StepTogether([.. together.Select(place => place.Run)]);
        }
        catch (Exception e)
        {
            together.ForEach(place => place.Fault = e);
        }

        foreach (Place place in together)
        {
            place.Advanced = true;
            _places.Remove(place);
            _places.Add(place);
        }
    }

    private bool Fits(List<Place> together, DenoisingRun run)
    {
        int rows = together.Sum(place => place.Run.Rows) + run.Rows;
        return rows <= maxBatch && rows * run.Tokens <= BatchTokens && together.All(place => place.Run.CanShare(run));
    }

    /// <summary>A run's place among those that are painted.</summary>
    internal sealed class Place(SharedDenoising shared, DenoisingRun run) : IDisposable
    {
        public DenoisingRun Run => run;

        public bool Advanced { get; set; }

        public Exception? Fault { get; set; }

        // One step ahead of its own task at most, so that each step is told of.
        public bool IsReady => !Advanced && Fault is null && run.Completed < run.Steps;

        /// <summary>Takes the next step, unless another's turn has done so for this one too.</summary>
        /// <returns>Whether there are more.</returns>
        public bool Step()
        {
            if (!Advanced)
            {
                shared.Step(this);
            }

            Advanced = false;
            if (Fault is { } fault)
            {
                ExceptionDispatchInfo.Throw(fault);
            }

            return run.Completed < run.Steps;
        }

        /// <inheritdoc/>
        public void Dispose() => shared._places.Remove(this);
    }
}
