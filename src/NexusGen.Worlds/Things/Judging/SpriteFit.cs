using System.Numerics;

namespace NexusGen.Worlds.Things.Judging;

/// <summary>
/// A template fitted to a window: moved by whole pixels, then by parts of a pixel and in its sharpness by least squares on the
/// derivatives (Lucas and Kanade). What the fit leaves of the window's difference is its error.
/// </summary>
internal sealed class SpriteFit
{
    /// <summary>The farthest that a template is moved.</summary>
    public const int Reach = 6;

    private const int Terms = 3;
    private const int Rounds = 3;
    private const double GreatestPart = 0.6;

    // The template is smoothed for a worn picture of variance 1/2; the smoothing by a Laplacian reaches from none to 2.
    private const double LeastBlur = -0.3;
    private const double GreatestBlur = 0.6;

    private readonly SpriteTemplate _template;
    private readonly double[] _move = new double[Terms];

    private SpriteFit(ThingCandidate candidate, SpriteTemplate template)
    {
        Candidate = candidate;
        _template = template;
    }

    /// <summary>What was fitted.</summary>
    public ThingCandidate Candidate { get; }

    /// <summary>The whole pixels to the right of the window's middle.</summary>
    public int ShiftX { get; private set; }

    /// <summary>The whole pixels down.</summary>
    public int ShiftY { get; private set; }

    /// <summary>The distance to the right of the window's middle.</summary>
    public double OffsetX => ShiftX - _move[0];

    /// <summary>The distance down.</summary>
    public double OffsetY => ShiftY - _move[1];

    /// <summary>The sum of squares that is left unexplained.</summary>
    public double Error { get; private set; }

    /// <summary>The sum of squares of the template against the background.</summary>
    public double Energy { get; private set; }

    /// <summary>Fits a candidate.</summary>
    /// <param name="candidate">The candidate.</param>
    /// <param name="window">The window.</param>
    /// <param name="shiftX">Where to begin: whole pixels to the right.</param>
    /// <param name="shiftY">Whole pixels down.</param>
    /// <returns>The fit.</returns>
    public static SpriteFit Of(ThingCandidate candidate, CellWindow window, int shiftX, int shiftY)
    {
        SpriteFit best = new(candidate, new SpriteTemplate(candidate)) { ShiftX = shiftX, ShiftY = shiftY };
        best.Solve(window);
        for (int round = 1; round < Rounds; round++)
        {
            int x = Math.Clamp((int)Math.Round(best.OffsetX), -Reach, Reach);
            int y = Math.Clamp((int)Math.Round(best.OffsetY), -Reach, Reach);
            if (x == best.ShiftX && y == best.ShiftY)
            {
                break;
            }

            SpriteFit next = new(candidate, best._template) { ShiftX = x, ShiftY = y };
            next.Solve(window);
            if (next.Error >= best.Error)
            {
                break;
            }

            best = next;
        }

        return best;
    }

    /// <summary>Returns the error without what noise leaves.</summary>
    /// <param name="noise">What noise leaves of a pixel.</param>
    public double ErrorBeyond(float noise) => Error - CellWindow.Side * CellWindow.Side * (double)noise;

    /// <summary>Computes how much of the window is unexplained where it is worst, by <see cref="LocalResidue"/>.</summary>
    /// <param name="window">The window.</param>
    /// <param name="noise">What noise leaves of a pixel.</param>
    public float WorstResidue(CellWindow window, float noise)
    {
        float[] left = new float[CellWindow.Area], slack = new float[CellWindow.Area];
        Explain(window, left, slack);
        return LocalResidue.Worst(left, slack, CellWindow.Stride, CellWindow.Side, noise);
    }

    // What the fit leaves of each pixel's squared difference, and what it may leave where the template has an edge: the square of
    // the change from one pixel to the next.
    private void Explain(CellWindow window, Span<float> left, Span<float> slack)
    {
        left.Clear();
        slack.Clear();
        for (int y = 0; y < CellWindow.Side; y++)
        {
            for (int channel = 0; channel < 3; channel++)
            {
                for (int x = 0; x < CellWindow.Stride; x += Vector<float>.Count)
                {
                    Sample at = new(this, window, channel, x, y);
                    Vector<float> rest = at.Left - (float)_move[0] * at.AcrossX - (float)_move[1] * at.AcrossY
                        - (float)_move[2] * at.Blur;
                    int to = y * CellWindow.Stride + x;
                    (new Vector<float>(left[to..]) + rest * rest).CopyTo(left[to..]);
                    Vector<float> slope = at.AcrossX * at.AcrossX + at.AcrossY * at.AcrossY;
                    (new Vector<float>(slack[to..]) + slope).CopyTo(slack[to..]);
                }
            }
        }
    }

    private void Solve(CellWindow window)
    {
        Vector<float> xx = default, xy = default, xb = default, yy = default, yb = default, bb = default;
        Vector<float> dx = default, dy = default, db = default, dd = default, tt = default;
        for (int y = 0; y < CellWindow.Side; y++)
        {
            for (int channel = 0; channel < 3; channel++)
            {
                for (int x = 0; x < CellWindow.Stride; x += Vector<float>.Count)
                {
                    Sample at = new(this, window, channel, x, y);
                    xx += at.AcrossX * at.AcrossX;
                    xy += at.AcrossX * at.AcrossY;
                    xb += at.AcrossX * at.Blur;
                    yy += at.AcrossY * at.AcrossY;
                    yb += at.AcrossY * at.Blur;
                    bb += at.Blur * at.Blur;
                    dx += at.Left * at.AcrossX;
                    dy += at.Left * at.AcrossY;
                    db += at.Left * at.Blur;
                    dd += at.Left * at.Left;
                    tt += at.Template * at.Template;
                }
            }
        }

        double[] squares = [Vector.Sum(xx), Vector.Sum(xy), Vector.Sum(xb), Vector.Sum(yy), Vector.Sum(yb), Vector.Sum(bb)];
        double[] products = [Vector.Sum(dx), Vector.Sum(dy), Vector.Sum(db)];
        Energy = Vector.Sum(tt);
        Minimize(squares, products);
        Error = Vector.Sum(dd) + Change(squares, products);
    }

    // Coordinate descent: three terms within bounds, whose squares are positive.
    private void Minimize(double[] squares, double[] products)
    {
        for (int round = 0; round < 30; round++)
        {
            for (int i = 0; i < Terms; i++)
            {
                double other = products[i];
                for (int j = 0; j < Terms; j++)
                {
                    other -= j == i ? 0 : Square(squares, i, j) * _move[j];
                }

                double value = other / (Square(squares, i, i) + 1);
                _move[i] = i == 2 ? Math.Clamp(value, LeastBlur, GreatestBlur) : Math.Clamp(value, -GreatestPart, GreatestPart);
            }
        }
    }

    private double Change(double[] squares, double[] products)
    {
        double change = 0;
        for (int i = 0; i < Terms; i++)
        {
            change -= 2 * _move[i] * products[i];
            for (int j = 0; j < Terms; j++)
            {
                change += _move[i] * _move[j] * Square(squares, i, j);
            }
        }

        return change;
    }

    private static double Square(double[] squares, int i, int j) => (i, j) switch
    {
        (0, _) => squares[j],
        (_, 0) => squares[i],
        _ => squares[i + j + 1],
    };

    // Some neighbouring pixels of a channel: the window's difference, the template's, and the template's derivatives.
    private readonly ref struct Sample
    {
        public Sample(SpriteFit fit, CellWindow window, int channel, int x, int y)
        {
            const int stride = SpriteTemplate.Stride;
            int at = (y - fit.ShiftY + SpriteTemplate.Margin) * stride + x - fit.ShiftX + SpriteTemplate.Margin;
            int from = channel * CellWindow.Area + y * CellWindow.Stride + x;
            ReadOnlySpan<float> colour = fit._template.Planes.AsSpan(channel * SpriteTemplate.Area, SpriteTemplate.Area);
            ReadOnlySpan<float> alpha = fit._template.Planes.AsSpan(3 * SpriteTemplate.Area, SpriteTemplate.Area);
            Vector<float> ground = new(window.Ground, from);
            Vector<float> right = Over(colour, alpha, ground, at + 1), before = Over(colour, alpha, ground, at - 1);
            Vector<float> below = Over(colour, alpha, ground, at + stride), above = Over(colour, alpha, ground, at - stride);
            Difference = new Vector<float>(window.Difference, from);
            Template = Over(colour, alpha, ground, at);
            Left = Difference - Template;
            AcrossX = 0.5f * (right - before);
            AcrossY = 0.5f * (below - above);
            Blur = 0.25f * (right + before + below + above) - Template;
        }

        public Vector<float> Difference { get; }

        public Vector<float> Template { get; }

        public Vector<float> Left { get; }

        public Vector<float> AcrossX { get; }

        public Vector<float> AcrossY { get; }

        public Vector<float> Blur { get; }

        private static Vector<float> Over(ReadOnlySpan<float> colour, ReadOnlySpan<float> alpha, Vector<float> ground, int at) =>
            new Vector<float>(colour[at..]) - new Vector<float>(alpha[at..]) * ground;
    }
}
